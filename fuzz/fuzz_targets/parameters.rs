//! Any text as what a PNG says about its making, and any bytes as the PNG.
#![no_main]

use libfuzzer_sys::fuzz_target;
use underpaint::engine::Settings;
use underpaint::picture::{Parameters, read};

fuzz_target!(|bytes: &[u8]| {
    let mut settings = Settings::default();
    Parameters::read(&String::from_utf8_lossy(bytes)).apply_to(&mut settings);
    assert!(settings.check().is_ok());
    let _ = read(bytes, "fuzz.png");
});
