//! Characters that the program's own fonts lack are shown with a font of this machine, which another thread finds.

use std::path::Path;
use std::time::{Duration, Instant};

use egui::FontId;
use egui_kittest::Harness;
use lucide_icons::{Icon, LUCIDE_FONT_BYTES};
use underpaint::ui::{App, CanvasCommand, Paper};

use crate::harness::{options, perform, wait, wait_for_rest};

/// A window that finds fonts in this folder only.
fn window(folder: &Path, fonts: &Path) -> Harness<'static, App> {
    let (options, fonts) = (options(&folder.join("results"), None), vec![fonts.to_path_buf()]);
    let script = crate::script::Script::default();
    let builder = Harness::builder().with_size(egui::vec2(1320.0, 860.0)).allow_missing_glyphs();
    let mut harness = builder.build_eframe(move |cc| {
        App::new(&cc.egui_ctx, options, move || crate::script::engine(&script)).with_font_folders(fonts)
    });
    wait(&mut harness, "the model", |app| !app.is_loading());
    harness
}

/// Whether the font that has the letters is among the fonts of the window. Asking for a letter would be a reason to look
/// for it.
fn is_added(harness: &Harness<'static, App>) -> bool {
    harness.ctx.fonts(|fonts| fonts.definitions().font_data.keys().any(|name| name.ends_with("Unifont.ttf")))
}

#[test]
fn a_prompt_in_another_script_gets_a_font_of_this_machine() {
    let folder = tempfile::tempdir().expect("folder");
    let fonts = folder.path().join("fonts/truetype");
    std::fs::create_dir_all(&fonts).expect("folder");
    // The icons stand for letters: the program's fonts for text do not have them.
    let letter = char::from(Icon::Brush);
    std::fs::write(fonts.join("ipag.ttf"), "damaged").expect("writes");
    std::fs::write(fonts.join("Unifont.ttf"), LUCIDE_FONT_BYTES).expect("writes");
    let mut harness = window(folder.path(), &folder.path().join("fonts"));
    harness.run_steps(3);
    assert!(!is_added(&harness), "no font is read before it is needed");
    harness.state_mut().settings_mut().prompt = format!("apple {letter}");
    let begun = Instant::now();
    while !is_added(&harness) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the font never comes");
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
    assert!(harness.ctx.fonts_mut(|fonts| fonts.has_glyph(&FontId::proportional(14.0), letter)));
    let status = harness.state().status().to_owned();
    assert!(!status.contains("No font"), "{status}");
}

#[test]
fn a_character_that_no_font_has_is_told_once() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path(), &folder.path().join("none"));
    harness.state_mut().settings_mut().prompt = format!("apple {}", char::from(Icon::Brush));
    wait(&mut harness, "the sentence", |app| app.status().contains("Noto Sans CJK"));
    perform(&mut harness, CanvasCommand::New(Paper::White));
    harness.state_mut().settings_mut().prompt = format!("apple {}", char::from(Icon::Eraser));
    wait_for_rest(&mut harness);
    assert!(!harness.state().status().contains("Noto Sans CJK"), "{}", harness.state().status());
}
