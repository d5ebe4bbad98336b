/** Imported before the tests: generated values are as large as a property allows, and not of ten elements at most. */
import fc from "fast-check";

fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true });
