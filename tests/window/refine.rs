//! Rounds that explore what another one began.

use std::path::Path;

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::engine::Sheet;
use underpaint::ui::{App, CanvasCommand};

use crate::harness::{self, perform, results, wait};

/// A window whose rounds are as small as can be, with the example on its canvas.
fn window(folder: &Path) -> Harness<'static, App> {
    let mut harness = harness::window(folder);
    let mut settings = harness.state_mut().settings_mut();
    (settings.width, settings.height, settings.batch) = (64, 64, 2);
    drop(settings);
    harness.run_steps(2);
    perform(&mut harness, CanvasCommand::Example);
    harness
}

/// Waits until so many rounds are there and none is running.
fn wait_for_round(harness: &mut Harness<'static, App>, count: usize) {
    wait(harness, "the round", |app| !app.is_running() && app.rounds().count() == count);
}

#[test]
fn the_strength_ladder_is_one_round_whose_results_differ_in_strength_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    harness.get_by_label("Strength ladder").click();
    harness.step();
    wait_for_round(&mut harness, 1);
    let round = harness.state().rounds().latest().expect("a round").clone();
    assert_eq!(round.plan.sheet, Some(Sheet::strength_ladder()));
    let recipes: Vec<_> = round.slots.iter().map(|slot| slot.result().expect("finished").recipe.clone()).collect();
    let strengths: Vec<f64> = recipes.iter().map(|recipe| recipe.settings.strength).collect();
    assert_eq!(strengths, [0.45, 0.6, 0.75, 0.9]);
    assert!(recipes.windows(2).all(|pair| pair[0].seed == pair[1].seed));
    assert!(recipes[1].infotext().contains("Denoising strength: 0.6, "), "{}", recipes[1].infotext());
    // The one in the middle again, alone.
    let mut settings = harness.state_mut().settings_mut();
    (settings.strength, settings.seed, settings.batch) = (0.6, recipes[1].seed as i64, 1);
    drop(settings);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.step();
    wait_for_round(&mut harness, 2);
    assert!(results(harness.state(), 2)[0] == results(harness.state(), 1)[1]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.step();
    wait_for_round(&mut harness, 3);
    assert_eq!(results(harness.state(), 3).len(), 4, "the key makes one too");
}
