<?php
// Added to the LocalSettings.php of the wiki that test_mediawiki.py installs.
$wgEnableUploads = true;
$wgUploadDirectory = getenv( 'WIKI_IMAGES' );
$wgUploadPath = '/images';
$wgGenerateThumbnailOnParse = true;
$wgUseImageMagick = false;
$wgJobRunRate = 0;
$wgMainCacheType = CACHE_NONE;
$wgShowExceptionDetails = true;

// Commons reads author and licence off the templates of a file's page, by the extension
// CommonsMetadata, which Debian does not have.  This does the same for two plain templates by
// the hook that the extension uses: {{Author|...}} and {{Licence|short name|address}}.
$wgHooks['GetExtendedMetadata'][] = static function ( &$metadata, $file ) {
	$page = \MediaWiki\MediaWikiServices::getInstance()->getWikiPageFactory()->newFromTitle( $file->getTitle() );
	$text = $page->getContent() ? $page->getContent()->getText() : '';
	$add = static function ( $name, $value ) use ( &$metadata ) {
		$metadata[$name] = [ 'value' => $value, 'source' => 'commons-desc-page' ];
	};
	if ( preg_match( '/\{\{Author\|(.*?)\}\}/', $text, $found ) ) {
		$add( 'Artist', '<a href="/wiki/User:X">' . htmlspecialchars( $found[1] ) . '</a>' );
	}
	if ( preg_match( '/\{\{Licence\|(.*?)(?:\|(.*?))?\}\}/', $text, $found ) ) {
		$add( 'LicenseShortName', $found[1] );
		$add( 'LicenseUrl', $found[2] ?? '' );
	}
	return true;
};
