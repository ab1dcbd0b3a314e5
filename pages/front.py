"""What `/` opens until there is a front page of its own: the continuum."""

import streamlit as st

st.switch_page("continuum.py", query_params=st.query_params.to_dict())
