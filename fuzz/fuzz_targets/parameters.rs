//! Any text as the settings of a picture: text, JSON object or graph. What it says never breaks settings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use underpaint::engine::Settings;
use underpaint::picture::Parameters;

fuzz_target!(|bytes: &[u8]| {
    let mut settings = Settings::default();
    let left = Parameters::read(&String::from_utf8_lossy(bytes)).apply_to(&mut settings);
    assert!(settings.check().is_ok());
    assert!(left.iter().all(|left| !left.reason.is_empty()));
});
