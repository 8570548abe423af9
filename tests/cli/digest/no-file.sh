canon digest
