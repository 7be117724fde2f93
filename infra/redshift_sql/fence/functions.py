"""Every function that Redshift has, by name, with how many arguments it takes. Used by `fence` and by `calls`.

Source: the function pages of the Redshift developer guide, its leader node's functions, and those that it inherited
from PostgreSQL and its own catalog views use. `functions` translates many of them; the others exist on Redshift only.
"""

_MANY = 1000

_COUNTED = {
    # Aggregates and window functions.
    (0, 0): "cume_dist dense_rank percent_rank rank row_number",
    (1, 1): "any_value avg bit_and bit_or bool_and bool_or count max median min percentile_cont percentile_disc"
    " ratio_to_report stddev stddev_pop stddev_samp sum var_pop var_samp variance first_value last_value ntile",
    (1, 2): "lag lead listagg",
    (2, 2): "nth_value",
    (1, _MANY): "grouping grouping_id",
}
_DATES = {
    (0, 0): "getdate now timeofday",
    (1, 1): "date_part_year isfinite last_day",
    (1, 2): "age trunc",
    (2, 2): "add_months date_cmp date_cmp_timestamp date_cmp_timestamptz date_part date_trunc"
    " interval_cmp months_between next_day pgdate_part timestamp_cmp timestamp_cmp_date timestamp_cmp_timestamptz"
    " timestamptz_cmp timestamptz_cmp_date timestamptz_cmp_timestamp timezone",
    (2, 3): "convert_timezone to_timestamp",
    (3, 3): "date_add date_diff dateadd datediff",
}
_TEXTS = {
    (1, 1): "ascii char_length character_length chr crc32 func_sha1 initcap len length lower md5 octet_length"
    " quote_ident quote_literal reverse sha sha1 soundex textlen to_ascii upper",
    (1, 2): "btrim fnv_hash ltrim murmur3_32_hash rtrim trim",
    (2, 2): "bpcharcmp bttext_pattern_cmp charindex collate concat difference get_bit get_byte left octetindex"
    " position repeat replicate right sha2 strpos strtol textcat",
    (2, 3): "lpad rpad substr substring",
    (2, 4): "regexp_count",
    (2, 5): "regexp_replace regexp_substr",
    (2, 6): "regexp_instr",
    (3, 3): "replace set_bit set_byte split_part translate",
}
_NUMBERS = {
    (0, 0): "pi random",
    (1, 1): "abs acos asin atan cbrt ceil ceiling checksum cos cot degrees dexp dlog1 dlog10 exp farmfingerprint64"
    " floor ln radians sign sin sqrt tan to_hex",
    (1, 2): "log round",
    (2, 2): "atan2 mod pow power",
}
_CHOICES_AND_CONVERSIONS = {
    (1, 1): "bool date float4 float8 int2 int4 int8 text",
    (1, 2): "text_to_int_alt",
    (1, 4): "text_to_numeric_alt",
    (1, _MANY): "coalesce greatest least",
    (2, 2): "isnull nullif to_char to_number",
    (2, 3): "to_date",
    (2, _MANY): "nvl",
    (3, 3): "nvl2",
    (3, _MANY): "decode",
}
_JSON_AND_SUPER = {
    (0, _MANY): "array object",
    (1, 1): "array_flatten can_json_parse decimal_precision decimal_scale get_array_length get_number_attributes"
    " is_array is_bigint is_boolean is_char is_decimal is_float is_integer is_object is_scalar is_smallint"
    " is_valid_json is_valid_json_array is_varchar json_serialize json_serialize_to_varbyte json_size json_typeof"
    " lower_attribute_names size upper_attribute_names",
    (1, 2): "json_array_length json_parse split_to_array",
    (2, 2): "array_concat from_varbyte getbit to_varbyte",
    (1, 3): "from_hex",
    (2, 3): "json_extract_array_element_text",
    (2, 7): "json_extract_path_text",
    (3, 3): "subarray",
    (1, _MANY): "object_transform explain_model",
}
_SYSTEM = {
    (0, 0): "current_database current_schema default_iam_role pg_backend_pid pg_last_copy_count pg_last_copy_id"
    " pg_last_query_id pg_last_unload_count pg_last_unload_id reboot_cluster slice_num version",
    (1, 1): "current_schemas current_setting pg_cancel_backend pg_get_cols pg_get_iam_role_by_user"
    " pg_get_grantee_by_iam_role pg_get_late_binding_view_cols pg_get_userbyid pg_table_is_visible"
    " pg_terminate_backend",
    (1, 2): "col_description obj_description pg_get_expr pg_get_viewdef role_is_member_of user_is_member_of",
    (2, 2): "change_query_priority change_session_priority change_user_priority format_type",
    (2, 3): "generate_series has_assumerole_privilege has_database_privilege has_schema_privilege has_table_privilege"
    " set_config",
}
_SKETCHES = {
    (1, 1): "hll hll_cardinality hll_combine hll_create_sketch",
    (2, 2): "hll_combine_sketches",
}
_SPATIAL = """
    addbbox dropbbox geometrytype st_addpoint st_angle st_area st_asbinary st_asewkb st_asewkt st_asgeojson
    st_ashexewkb st_ashexwkb st_astext st_azimuth st_boundary st_buffer st_centroid st_collect st_contains
    st_containsproperly st_convexhull st_coveredby st_covers st_crosses st_dwithin st_dimension st_disjoint
    st_distance st_distancesphere st_endpoint st_envelope st_equals st_exteriorring st_force2d st_force3d
    st_force3dm st_force3dz st_force4d st_geohash st_geogfromtext st_geogfromwkb st_geomfromewkb
    st_geomfromewkt st_geomfromgeohash st_geomfromgeojson st_geomfromtext st_geomfromwkb st_geometryn
    st_geometrytype st_interiorringn st_intersection st_intersects st_isclosed st_iscollection st_isempty
    st_ispolygonccw st_ispolygoncw st_isring st_issimple st_isvalid st_length st_length2d st_lengthsphere
    st_linefrommultipoint st_lineinterpolatepoint st_m st_mmax st_mmin st_makeenvelope st_makeline st_makepoint
    st_makepolygon st_memsize st_multi st_ndims st_npoints st_nrings st_numgeometries st_numinteriorrings
    st_numpoints st_perimeter st_perimeter2d st_point st_pointn st_points st_polygon st_removepoint st_reverse
    st_srid st_setpoint st_setsrid st_simplify st_startpoint st_touches st_transform st_union st_within st_x
    st_xmax st_xmin st_y st_ymax st_ymin st_z st_zmax st_zmin supportsbbox
    h3_boundary h3_center h3_fromlonglat h3_frompoint h3_ischildof h3_polyfill h3_resolution h3_tochildren h3_toparent
"""

EXISTING: dict[str, tuple[int, int]] = {
    name: count
    for group in (
        _COUNTED,
        _DATES,
        _TEXTS,
        _NUMBERS,
        _CHOICES_AND_CONVERSIONS,
        _JSON_AND_SUPER,
        _SYSTEM,
        _SKETCHES,
        {(0, _MANY): _SPATIAL},
    )
    for count, names in group.items()
    for name in names.split()
}
"""Name in lower case to the fewest and the most arguments."""


def exists(name: str, arguments: int) -> bool:
    """Whether Redshift has a function of this name that takes so many arguments."""
    fewest, most = EXISTING.get(name.lower(), (1, 0))
    return fewest <= arguments <= most


def unavailable(name: str) -> str:
    """The error for what Redshift has and the laptop does not, without `ERROR: `."""
    return f"{name} exists on Redshift; the laptop cannot run it"
