//! Any bytes as a picture file: blocks, EXIF data, colour profile, pixels and settings. Refused or read,
//! never a panic, and never more memory than opening a picture may take.
#![no_main]

use libfuzzer_sys::fuzz_target;
use underpaint::engine::Settings;
use underpaint::picture::{Parameters, read, settings_text};

fuzz_target!(|bytes: &[u8]| {
    if let Some(text) = settings_text(bytes) {
        let _ = Parameters::read(&text).apply_to(&mut Settings::default());
    }
    if let Err(error) = read(bytes, "fuzz") {
        let sentence = error.to_string();
        assert!(sentence.starts_with("fuzz could not be opened") && sentence.ends_with('.'), "{sentence}");
    }
});
