//! The group of settings that says how a masked part is repainted.

use egui::Event;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::engine::{Inpaint, InpaintArea, MaskedContent};
use underpaint::paint::PixelRect;
use underpaint::ui::{App, CanvasCommand, MaskCommand, ResultCommand, RoundCommand, SelectCommand};

use crate::harness::{canvas_size, perform, results, wait, window_of_size};

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

/// Chooses an entry of a list by its label.
fn choose(harness: &mut Harness<'static, App>, list: &str, entry: &str) {
    harness.get_by_role_and_label(Role::ComboBox, list).click();
    harness.run_steps(3);
    harness.get_by_label(entry).click();
    harness.run_steps(3);
    // The pointer leaves the list.
    harness.event(Event::PointerGone);
    harness.run_steps(2);
}

fn has_slider(harness: &Harness<'static, App>, name: &str) -> bool {
    harness.query_by_role_and_label(Role::Slider, name).is_some()
}

fn options(harness: &Harness<'static, App>) -> Option<Inpaint> {
    harness.state().settings().inpaint
}

#[test]
fn a_mask_shows_the_options_and_only_the_masked_part_is_made_at_full_resolution() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window_of_size(folder.path(), egui::vec2(1320.0, 1900.0), 1.0, Some(folder.path().join("data")));
    wait(&mut harness, "the model", |app| !app.is_loading());
    perform(&mut harness, CanvasCommand::Example);
    assert!(harness.query_by_label("Inpainting options").is_none(), "nothing is masked yet");
    let (width, height) = canvas_size(harness.state());
    perform(&mut harness, SelectCommand::Rectangle(PixelRect { x0: 30, y0: 40, x1: 90, y1: 80 }));
    perform(&mut harness, MaskCommand::FromSelection);
    harness.run_steps(3);
    assert!(has_slider(&harness, "Feather") && options(&harness).is_none());
    click(&mut harness, "Inpainting options");
    assert_eq!(options(&harness), Some(Inpaint::default()));
    assert!(!has_slider(&harness, "Feather") && !has_slider(&harness, "Masked area padding"));
    choose(&mut harness, "Inpaint area", "Only masked");
    choose(&mut harness, "Masked content", "latent noise");
    click(&mut harness, "Soft inpainting");
    assert!(has_slider(&harness, "Masked area padding"));
    let want = Inpaint {
        area: InpaintArea::OnlyMasked,
        content: MaskedContent::LatentNoise,
        soft: true,
        ..Inpaint::default()
    };
    assert_eq!(options(&harness), Some(want));
    click(&mut harness, "Soft inpainting");
    let mut settings = harness.state_mut().settings_mut();
    (settings.batch, settings.width, settings.height) = (1, 64, 64);
    drop(settings);
    harness.run_steps(2);
    let before = harness.state().document().picture();
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && !results(app, 1).is_empty());
    let made = &results(harness.state(), 1)[0];
    assert_eq!(made.dimensions(), (width as u32, height as u32), "as large as the canvas, not as the settings say");
    let reach = 10;
    let near = |x: u32, y: u32| (30 - reach..90 + reach).contains(&x) && (40 - reach..80 + reach).contains(&y);
    let changed = |x: u32, y: u32| made.get_pixel(x, y) != before.get_pixel(x, y);
    let (mut inside, mut outside) = (0, 0);
    for (x, y, _) in made.enumerate_pixels().filter(|(x, y, _)| changed(*x, *y)) {
        *(if near(x, y) { &mut inside } else { &mut outside }) += 1;
    }
    assert!(inside > 1000 && outside == 0, "{inside} and {outside}");
    // The same result comes out again.
    wait(&mut harness, "keeping", App::is_kept);
    perform(&mut harness, ResultCommand::RunAgain(1, 0));
    wait(&mut harness, "running again", |app| !app.is_running());
    assert_eq!(harness.state().status(), "The picture comes out the same again, to the last pixel.");
    perform(&mut harness, MaskCommand::Remove);
    harness.run_steps(3);
    assert!(harness.query_by_label("Inpainting options").is_none());
}
