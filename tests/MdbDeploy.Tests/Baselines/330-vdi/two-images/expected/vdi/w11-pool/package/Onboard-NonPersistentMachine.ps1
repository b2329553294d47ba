# synthetic
