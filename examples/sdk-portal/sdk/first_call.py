#!/usr/bin/env python3
"""Reads the catalog with the client in credentials.json, and shows that it may not write."""

import pathlib
import sys

from catalog_sdk import Catalog, CatalogError

catalog = Catalog.from_file(pathlib.Path(__file__).with_name("credentials.json"))
books = catalog.books()
print("read: 200")
for title in books:
    print(f"  {title}")
try:
    catalog.add("Sartor Resartus")
except CatalogError as error:
    if error.status != 403:
        raise
    print(f"write: 403 {error.code}, as it should be: this client may only read")
else:
    sys.exit("write: it went through, and should not have")
