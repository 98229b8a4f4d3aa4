//! Any text as a prompt and as a negative prompt: tags, joined prompts, changes over the steps, emphasis. Read or refused in
//! a sentence, never a panic, and never longer than it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use underpaint::diffusion::read_prompt;
use underpaint::engine::Settings;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match read_prompt(&text, &text, &Settings::default()) {
        Ok(texts) => assert!(!texts.is_empty() && texts.iter().all(|read| read.len() <= text.len())),
        Err(error) => assert!(error.to_string().ends_with('.')),
    }
});
