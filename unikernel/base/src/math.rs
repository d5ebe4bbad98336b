//! The mathematical functions that the engine takes from a C library, by the `libm` crate.

macro_rules! of_one {
    ($($name:ident)*) => { $(#[unsafe(no_mangle)] extern "C" fn $name(x: f64) -> f64 { libm::$name(x) })* };
}
of_one!(acos acosh asin asinh atan atanh cbrt ceil cos cosh exp expm1 fabs floor log log10 log1p log2 rint round sin sinh sqrt tan tanh trunc);

macro_rules! of_two {
    ($($name:ident)*) => { $(#[unsafe(no_mangle)] extern "C" fn $name(x: f64, y: f64) -> f64 { libm::$name(x, y) })* };
}
of_two!(atan2 fmod hypot pow);

#[unsafe(no_mangle)]
extern "C" fn scalbn(x: f64, power: i32) -> f64 {
    libm::scalbn(x, power)
}

#[unsafe(no_mangle)]
extern "C" fn lround(x: f64) -> i64 {
    libm::round(x) as i64
}

#[unsafe(no_mangle)]
unsafe extern "C" fn frexp(x: f64, power: *mut i32) -> f64 {
    let (fraction, exponent) = libm::frexp(x);
    // SAFETY: the caller's variable.
    unsafe { power.write(exponent) };
    fraction
}

#[unsafe(no_mangle)]
unsafe extern "C" fn modf(x: f64, whole: *mut f64) -> f64 {
    let (fraction, integer) = libm::modf(x);
    // SAFETY: the caller's variable.
    unsafe { whole.write(integer) };
    fraction
}
