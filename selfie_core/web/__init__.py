"""Routes beside the pages: files of galleries, the map, the REST API."""
