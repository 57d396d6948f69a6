//! Tests that run in every kind of lanes.

/// Each of them in the model, and on the processor where it can.
macro_rules! in_lanes {
    ($($name:ident: $check:ident;)*) => {
        $(
            #[test]
            fn $name() {
                $check::<crate::portable::Portable>(());
                #[cfg(target_arch = "x86_64")]
                match crate::detect() {
                    Some(detected) => $check::<crate::Lanes>(detected),
                    None => eprintln!("no AVX-512 IFMA here: only the model was tested"),
                }
            }
        )*
    };
}

pub(crate) use in_lanes;
