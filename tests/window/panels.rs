//! The window around the canvas: panels that fold and move, theme, scale, and what is remembered of them.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Pos2, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use underpaint::ui::{App, CanvasCommand, DockPanel, LayoutCommand, NotifyWhen, QueueCommand, ThemeChoice};

use crate::harness::{button, close, perform, pixels, wait, window, window_of_size, window_with};

fn is_shown(harness: &Harness<'static, App>, label: &str) -> bool {
    harness.query_all_by_label(label).next().is_some()
}

fn title(harness: &Harness<'static, App>, panel: DockPanel) -> egui::Rect {
    harness.get_by_label(&format!("{} panel", panel.title())).rect()
}

fn choose(harness: &mut Harness<'static, App>, panel: DockPanel, entry: &str) {
    harness.get_by_label(&format!("{} panel menu", panel.title())).click();
    harness.run_steps(3);
    harness.get_by_label(entry).click();
    harness.run_steps(3);
}

fn press(harness: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

#[test]
fn a_panel_folds_to_one_line_by_its_title_and_by_the_keyboard() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let below = title(&harness, DockPanel::Color);
    assert!(is_shown(&harness, "Hardness"));
    harness.get_by_label("Brush panel").click();
    harness.run_steps(3);
    assert!(!is_shown(&harness, "Hardness"));
    let brush = title(&harness, DockPanel::Brush);
    let gap = title(&harness, DockPanel::Color).top() - brush.bottom();
    assert!((0.0..12.0).contains(&gap) && title(&harness, DockPanel::Color).top() < below.top(), "{gap}");
    // From menus and tools the keyboard comes to the left side, whose first panel this is.
    press(&mut harness, Modifiers::NONE, Key::F6);
    press(&mut harness, Modifiers::NONE, Key::F6);
    press(&mut harness, Modifiers::NONE, Key::F6);
    assert!(harness.get_by_label("Brush panel").is_focused());
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(is_shown(&harness, "Hardness"));
    assert_eq!(title(&harness, DockPanel::Color), below);
}

#[test]
fn a_panel_moves_by_its_menu() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    choose(&mut harness, DockPanel::Color, "Move up");
    assert!(title(&harness, DockPanel::Color).top() < title(&harness, DockPanel::Brush).top());
    choose(&mut harness, DockPanel::Color, "Move down");
    assert!(title(&harness, DockPanel::Color).top() > title(&harness, DockPanel::Brush).top());
    choose(&mut harness, DockPanel::Brush, "Move to the other side");
    assert!(title(&harness, DockPanel::Brush).left() > title(&harness, DockPanel::Color).right());
    choose(&mut harness, DockPanel::Color, "Move to the other side");
    let middle = harness.state().canvas_rect().expect("shown").left();
    assert!(DockPanel::ALL.into_iter().all(|panel| title(&harness, panel).left() > middle), "no panel is at the left");
    perform(&mut harness, LayoutCommand::Reset);
    assert!(title(&harness, DockPanel::Brush).right() < harness.state().canvas_rect().expect("shown").left());
}

#[test]
fn a_panel_is_dragged_to_the_other_side_and_back() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let drag = |harness: &mut Harness<'static, App>, from: Pos2, to: Pos2| {
        harness.event(Event::PointerMoved(from));
        harness.event(button(from, true));
        harness.step();
        for step in 1..=4 {
            harness.event(Event::PointerMoved(from + (to - from) * (step as f32 / 4.0)));
            harness.step();
        }
        harness.event(button(to, false));
        harness.run_steps(3);
    };
    let canvas = pixels(harness.state());
    let from = title(&harness, DockPanel::Brush).center();
    let to = title(&harness, DockPanel::Settings).center_top();
    drag(&mut harness, from, to);
    let settings = title(&harness, DockPanel::Settings);
    let brush = title(&harness, DockPanel::Brush);
    assert!(brush.top() < settings.top() && (brush.left() - settings.left()).abs() < 1.0, "{brush:?} {settings:?}");
    assert!(is_shown(&harness, "Hardness"), "it was dragged and not clicked");
    let to = title(&harness, DockPanel::Color).center_bottom() + egui::vec2(0.0, 300.0);
    drag(&mut harness, brush.center(), to);
    assert!(title(&harness, DockPanel::Brush).top() > title(&harness, DockPanel::Color).top());
    assert!(pixels(harness.state()) == canvas, "nothing is painted on the way");
}

#[test]
fn a_side_is_made_wider_by_dragging_its_edge_and_by_the_arrow_keys() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let before = title(&harness, DockPanel::Settings).width();
    let edge = harness.get_by_label("Width of the right side").rect().center();
    harness.event(Event::PointerMoved(edge));
    harness.event(button(edge, true));
    harness.step();
    harness.event(Event::PointerMoved(edge - egui::vec2(60.0, 0.0)));
    harness.step();
    harness.event(button(edge - egui::vec2(60.0, 0.0), false));
    harness.run_steps(3);
    let wide = title(&harness, DockPanel::Settings).width();
    assert!((wide - before - 60.0).abs() < 2.0, "{before} {wide}");
    harness.get_by_label("Width of the right side").focus();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert!(title(&harness, DockPanel::Settings).width() < wide);
}

#[test]
fn tab_hides_everything_but_the_canvas_unless_a_control_has_the_focus() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    let narrow = harness.state().canvas_rect().expect("shown").width();
    press(&mut harness, Modifiers::NONE, Key::Tab);
    assert!(!is_shown(&harness, "Generate") && !is_shown(&harness, "Brush panel") && !is_shown(&harness, "Eraser"));
    assert!(harness.state().canvas_rect().expect("shown").width() > narrow);
    assert!(harness.ctx.memory(|memory| memory.focused()).is_none(), "Tab did one thing");
    press(&mut harness, Modifiers::NONE, Key::E);
    harness.get_by_label("Show the panels").click();
    harness.run_steps(3);
    assert!(is_shown(&harness, "Generate") && is_shown(&harness, "Brush panel"));
    harness.get_by_role_and_label(Role::MultilineTextInput, "Prompt").click();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Tab);
    assert!(is_shown(&harness, "Generate"), "Tab moved the focus");
    assert!(!harness.get_by_role_and_label(Role::MultilineTextInput, "Prompt").is_focused());
    // An error is told even then.
    perform(&mut harness, LayoutCommand::ToggleCanvasOnly);
    assert!(!is_shown(&harness, "Dismiss"));
    perform(&mut harness, underpaint::ui::FileCommand::Open(folder.path().join("none.png")));
    wait(&mut harness, "the error", |app| app.status().contains("none.png"));
    assert!(is_shown(&harness, "Dismiss"));
}

#[test]
fn layout_theme_scale_and_notification_are_there_at_the_next_launch() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("home");
    let mut harness = window_with(folder.path(), 1.0, Some(home.clone()));
    wait(&mut harness, "opening", |app| app.document_path().is_some());
    for command in [
        LayoutCommand::MoveAcross(DockPanel::Color),
        LayoutCommand::ToggleFold(DockPanel::Brush),
        LayoutCommand::UseTheme(ThemeChoice::Light),
        LayoutCommand::UseScale(150),
    ] {
        perform(&mut harness, command);
    }
    perform(&mut harness, QueueCommand::NotifyWhen(NotifyWhen::Never));
    harness.run_steps(3);
    assert_eq!(harness.ctx.theme(), Theme::Light);
    assert_eq!(harness.ctx.zoom_factor(), 1.5);
    close(harness);

    let mut harness = window_with(folder.path(), 1.0, Some(home.clone()));
    harness.run_steps(3);
    assert_eq!((harness.ctx.theme(), harness.ctx.zoom_factor()), (Theme::Light, 1.5));
    assert!(!is_shown(&harness, "Hardness"), "the brush is folded");
    assert!(title(&harness, DockPanel::Color).left() > title(&harness, DockPanel::Brush).right());
    let text = std::fs::read_to_string(home.join("window.json")).expect("reads");
    assert!(text.contains("\"notify\": \"never\""), "{text}");
    close(harness);

    std::fs::write(home.join("window.json"), "{ damaged").expect("writes");
    let harness = window_with(folder.path(), 1.0, Some(home));
    assert!(harness.state().status().contains("window.json could not be read"), "{}", harness.state().status());
    assert_eq!(harness.ctx.theme(), Theme::Dark);
    assert!(is_shown(&harness, "Hardness"));
}

/// Everything a person can press or type into, with its name and place.
fn controls(harness: &Harness<'static, App>) -> Vec<(String, egui::Rect)> {
    let roles = [
        Role::Button,
        Role::CheckBox,
        Role::ComboBox,
        Role::Slider,
        Role::SpinButton,
        Role::TextInput,
        Role::MultilineTextInput,
    ];
    let all = roles.into_iter().flat_map(|role| harness.query_all_by_role(role));
    let named = |node: egui_kittest::Node<'_>| (node.accesskit_node().label().unwrap_or_default(), node.rect());
    all.map(named).collect()
}

#[test]
fn every_control_lies_in_the_window_or_in_a_side_that_scrolls() {
    for (size, scale) in
        [((1024.0, 600.0), 100), ((1280.0, 720.0), 100), ((3840.0, 2160.0), 100), ((3840.0, 2160.0), 300)]
    {
        let folder = tempfile::tempdir().expect("folder");
        let mut harness = window_of_size(folder.path(), egui::vec2(size.0, size.1), 1.0, None);
        perform(&mut harness, LayoutCommand::UseScale(scale));
        perform(&mut harness, CanvasCommand::Example);
        harness.run_steps(4);
        let screen = harness.ctx.content_rect();
        assert!((screen.width() - size.0 * 100.0 / f32::from(scale)).abs() < 1.0, "{screen:?}");
        let left = title(&harness, DockPanel::Brush);
        let right = title(&harness, DockPanel::Settings);
        let found = controls(&harness);
        assert!(found.len() > 30, "{} controls", found.len());
        for (name, rect) in found {
            let columns = [left, right].into_iter().any(|title| {
                // A side scrolls, so that only its width counts.
                let around = title.x_range().expand(30.0);
                around.contains(rect.left()) && around.contains(rect.right())
            });
            assert!(columns || screen.expand(0.5).contains_rect(rect), "{name} at {rect:?} in {size:?} at {scale} %");
        }
    }
}

/// The line about recommended settings names what differs, in one row at the smallest size, and nothing moves below it.
#[test]
fn recommended_settings_take_one_line_that_says_what_differs() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window_of_size(folder.path(), egui::vec2(1024.0, 600.0), 1.0, None);
    wait(&mut harness, "loading", |app| !app.is_loading());
    let recommended = harness.state().recommended();
    let steps = recommended.steps.expect("says so");
    let strength = recommended.strength.expect("says so");
    assert_ne!(harness.state().settings().steps, steps, "these tests take fewer");
    harness.run_steps(2);
    let text = format!("Recommended: {steps} steps");
    let line = harness.get_by_label(&text);
    assert!(line.rect().height() < 20.0, "{:?}", line.rect());
    let below = harness.get_by_role_and_label(Role::ComboBox, "Sampler").rect();
    let mut settings = harness.state_mut().settings_mut();
    (settings.strength, settings.cfg_scale) = (0.31, 9.0);
    drop(settings);
    harness.run_steps(2);
    let line = harness.get_by_label_contains("Recommended: ");
    let text = line.accesskit_node().value().or(line.accesskit_node().label()).expect("a text");
    let [steps, scale, strength_at] = [format!("{steps} steps"), "CFG".into(), format!("strength {strength}")]
        .map(|word| text.find(&word).unwrap_or_else(|| panic!("{word} in {text}")));
    assert!(steps < scale && scale < strength_at && line.rect().height() < 20.0);
    // It may lie below the visible part of its panel.
    harness.get_by_label("Use the recommended settings").click_accesskit();
    harness.run_steps(3);
    assert!(recommended.is_followed_by(harness.state().settings()));
    assert!(harness.query_by_label("Use the recommended settings").is_none());
    assert!(is_shown(&harness, "Settings as recommended"));
    assert_eq!(harness.get_by_role_and_label(Role::ComboBox, "Sampler").rect(), below);
}
