"""Maps: files of GeoJSON with the areas that charts of type `map` colour."""
