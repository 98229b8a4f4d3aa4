//! The window on small screens.

use egui::Vec2;
use egui_kittest::kittest::Queryable;
use underpaint::ui::{CanvasCommand, RoundCommand};

use crate::harness::{perform, wait, window_of_size};

/// What must be in view without scrolling, on every screen.
const ALWAYS: [&str; 19] = [
    "File",
    "Edit",
    "View",
    "Round",
    "Help",
    "Open…",
    "Paste",
    "Save…",
    "Undo",
    "Redo",
    "Brush",
    "Eraser",
    "Fill",
    "Eyedropper",
    "Generate",
    "Ladder",
    "Sheet…",
    "Prompt",
    "Negative prompt",
];

#[test]
fn everything_needed_is_in_view_on_small_screens() {
    for (width, height) in
        [(760.0, 400.0), (900.0, 500.0), (910.0, 460.0), (1024.0, 600.0), (1400.0, 900.0), (1920.0, 1080.0)]
    {
        let folder = tempfile::tempdir().expect("folder");
        let mut harness = window_of_size(folder.path(), Vec2::new(width, height), 1.0, None);
        harness.state_mut().settings_mut().batch = 2;
        perform(&mut harness, CanvasCommand::Example);
        perform(&mut harness, RoundCommand::Generate);
        wait(&mut harness, "the round", |app| !app.is_running());
        let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(width, height));
        for label in [&["Paint over this", "Paint over"][..], &["Save as…", "More…"], &["Use this seed", "More…"]]
        {
            assert!(label.iter().any(|label| harness.query_by_label(label).is_some()), "{label:?}");
        }
        let results =
            ["Paint over this", "Paint over", "Save as…", "Copy", "Use this seed", "More…", "Result 1", "Result 2"];
        for label in ALWAYS.into_iter().chain(results) {
            for node in harness.query_all_by_label(label) {
                let rect = node.rect();
                assert!(screen.expand(0.5).contains_rect(rect), "{label} at {rect:?} in {width} × {height}");
            }
        }
        // The heading of the results never lies under its own buttons.
        let rects = |label: &str| harness.query_all_by_label(label).map(|node| node.rect()).collect::<Vec<_>>();
        for heading in rects("Results") {
            for button in rects("Earlier") {
                assert!(!heading.intersects(button), "{heading:?} and {button:?} in {width} × {height}");
            }
        }
        let canvas = harness.state().canvas_rect().expect("shown");
        assert!(canvas.width() >= 120.0 && screen.contains_rect(canvas), "{canvas:?} in {width} × {height}");
    }
}
