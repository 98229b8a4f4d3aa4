//! The value ramp: a strip at the pointer with lighter, darker, warmer and cooler steps of a colour.

use egui::{
    Align2, Area, Color32, Context, Event, EventFilter, FontId, Id, MouseWheelUnit, Order, Pos2, Rect, Response, Sense,
    Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};

use super::eyedropper;
use super::swatch::color32;
use crate::paint::{MOST_SHADES, Rgb, shade};
use crate::ui::keymap::{self, keys};
use crate::ui::state::WindowState;
use crate::ui::{ColorCommand, UserCommand, theme};

/// Size of a step, in points.
const STEP: Vec2 = vec2(22.0, 30.0);
/// Width of the names of the rows, in points.
const NAMES: f32 = 58.0;
/// Height of the line above the rows and of the one below, in points.
const TOP: f32 = 24.0;
const BOTTOM: f32 = 20.0;
/// The space around all of it, in points.
const MARGIN: f32 = 8.0;
/// How far below the pointer it opens, in points.
const DISTANCE: f32 = 18.0;
/// A touchpad's scrolling that counts as one notch of a wheel, in points.
const NOTCH: f32 = 40.0;
/// A key that is held for longer than this many seconds takes the colour when it is released.
const HELD: f64 = 0.35;

/// The value ramp while it is open.
pub(in crate::ui) struct Ramp {
    /// The pointer when it was opened.
    at: Pos2,
    base: Rgb,
    lighter: i8,
    warmer: i8,
    /// The time at which it was opened, in seconds, while its key has been held since.
    held_since: Option<f64>,
    /// Scrolling that is not a whole notch yet, in notches.
    scrolled: Vec2,
}

impl Ramp {
    /// The colour that is dialled.
    pub fn color(&self) -> Rgb {
        shade(self.base, self.lighter, self.warmer)
    }

    /// Dials some steps lighter and warmer; negative numbers are darker and cooler.
    pub fn step(&mut self, lighter: i8, warmer: i8) {
        let stepped = |now: i8, by: i8| now.saturating_add(by).clamp(-MOST_SHADES, MOST_SHADES);
        (self.lighter, self.warmer) = (stepped(self.lighter, lighter), stepped(self.warmer, warmer));
    }
}

/// Opens the ramp at the pointer: with the colour of the picture there, or else with the current one.
pub(in crate::ui) fn open(ctx: &Context, state: &mut WindowState) {
    if state.canvas.is_stroking() {
        return;
    }
    let pointer = ctx.pointer_latest_pos();
    let base = pointer.and_then(|at| eyedropper::color_at(ctx, state, at));
    let (held, now) = (keymap::is_held(ctx, ColorCommand::OpenRamp), ctx.input(|i| i.time));
    state.color.ramp = Some(Ramp {
        at: pointer.unwrap_or_else(|| ctx.content_rect().center()),
        base: base.unwrap_or(state.color.current.rgb()),
        lighter: 0,
        warmer: 0,
        held_since: held.then_some(now),
        scrolled: Vec2::ZERO,
    });
}

/// Closes the ramp; `takes` says whether its colour is used.
pub(in crate::ui) fn close(state: &mut WindowState, takes: bool) {
    if let Some(ramp) = state.color.ramp.take()
        && takes
    {
        state.color.current.choose(ramp.color());
    }
}

/// Shows the ramp if it is open. While it is, the rest of the window gets neither presses nor scrolling.
pub(super) fn show(ctx: &Context, state: &mut WindowState) -> Vec<UserCommand> {
    let Some(ramp) = &mut state.color.ramp else { return Vec::new() };
    let mut commands = Vec::new();
    let screen = ctx.content_rect();
    Area::new(Id::unique("value ramp")).order(Order::Foreground).fixed_pos(screen.min).fade_in(false).show(ctx, |ui| {
        let (_, backdrop) = ui.allocate_exact_size(screen.size(), Sense::click_and_drag());
        let name = format!("Value ramp: {}", described(ramp));
        backdrop.widget_info(|| WidgetInfo::labeled(egui::Role::Slider, true, &name));
        take_keyboard(ui, &backdrop);
        commands.extend(scrolled(ui, ramp));
        let clicked = strip(ui, ramp, screen);
        // A press anywhere else takes what is dialled.
        if backdrop.clicked_by(egui::PointerButton::Primary) {
            commands.push(ColorCommand::TakeRamp.into());
        } else if backdrop.clicked_by(egui::PointerButton::Secondary) {
            commands.push(ColorCommand::LeaveRamp.into());
        }
        if let Some((lighter, warmer)) = clicked {
            commands.extend([ColorCommand::StepRamp { lighter, warmer }.into(), ColorCommand::TakeRamp.into()]);
        }
    });
    let (down, now) = (keymap::is_held(ctx, ColorCommand::OpenRamp), ctx.input(|i| i.time));
    if let Some(since) = ramp.held_since.filter(|_| !down) {
        ramp.held_since = None;
        if now - since > HELD || ramp.lighter != 0 || ramp.warmer != 0 {
            commands.push(ColorCommand::TakeRamp.into());
        }
    }
    commands
}

/// The arrow keys belong to the ramp and do not move the focus.
fn take_keyboard(ui: &Ui, backdrop: &Response) {
    if !backdrop.has_focus() {
        backdrop.request_focus();
    }
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, tab: true, escape: true };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(backdrop.id, arrows));
}

/// The steps that the wheel asks for: lightness, and with Shift or a horizontal wheel warmth.
fn scrolled(ui: &Ui, ramp: &mut Ramp) -> Option<UserCommand> {
    let events = ui.input(|i| i.events.clone());
    for event in events {
        if let Event::MouseWheel { unit, delta, modifiers, .. } = event {
            let notches = if unit == MouseWheelUnit::Point { delta / NOTCH } else { delta };
            ramp.scrolled +=
                if modifiers.shift { vec2(notches.x + notches.y, 0.0) } else { vec2(notches.x, notches.y) };
        }
    }
    let whole = vec2(ramp.scrolled.x.trunc(), ramp.scrolled.y.trunc());
    ramp.scrolled -= whole;
    let [warmer, lighter] = [whole.x, whole.y].map(|notches| notches.clamp(-100.0, 100.0) as i8);
    (lighter != 0 || warmer != 0).then(|| ColorCommand::StepRamp { lighter, warmer }.into())
}

/// Draws the two rows below the pointer. Returns how many steps lighter and warmer a step is that was clicked.
fn strip(ui: &mut Ui, ramp: &Ramp, screen: Rect) -> Option<(i8, i8)> {
    let count = 2 * usize::from(MOST_SHADES.unsigned_abs()) + 1;
    let inner = vec2(NAMES + STEP.x * count as f32, TOP + 2.0 * (STEP.y + 2.0) + BOTTOM);
    let frame = place(ramp.at, inner + Vec2::splat(2.0 * MARGIN), screen);
    ui.painter().rect_filled(frame, 6, theme::WELL);
    let edge = Stroke::new(1.0, Color32::from_gray(90));
    ui.painter().rect_stroke(frame, 6, edge, StrokeKind::Inside);
    let inside = frame.shrink(MARGIN);

    let colors = Rect::from_min_size(inside.min, vec2(NAMES - 8.0, TOP - 4.0));
    let (old, new) = colors.split_left_right_at_fraction(0.5);
    ui.painter().rect_filled(old, 0, color32(ramp.base));
    ui.painter().rect_filled(new, 0, color32(ramp.color()));
    let font = FontId::proportional(12.0);
    let at = colors.right_center() + vec2(8.0, 0.0);
    ui.painter().text(at, Align2::LEFT_CENTER, described(ramp), font, Color32::from_gray(230));

    let mut clicked = None;
    for (row, name) in ["Light", "Warmth"].into_iter().enumerate() {
        let top = inside.top() + TOP + row as f32 * (STEP.y + 2.0);
        let at = Pos2::new(inside.left(), top + STEP.y / 2.0);
        let font = FontId::proportional(11.5);
        ui.painter().text(at, Align2::LEFT_CENTER, name, font, Color32::from_gray(190));
        for (place, step) in (-MOST_SHADES..=MOST_SHADES).enumerate() {
            let (lighter, warmer) = if row == 0 { (step, ramp.warmer) } else { (ramp.lighter, step) };
            let min = Pos2::new(inside.left() + NAMES + STEP.x * place as f32, top);
            let rect = Rect::from_min_size(min, STEP);
            let is_dialled = (lighter, warmer) == (ramp.lighter, ramp.warmer);
            if step_button(ui, rect, ramp.base, (lighter, warmer), row, is_dialled) {
                clicked = Some((lighter.saturating_sub(ramp.lighter), warmer.saturating_sub(ramp.warmer)));
            }
        }
    }
    let (take, leave) = (keys(ui.ctx(), ColorCommand::TakeRamp), keys(ui.ctx(), ColorCommand::LeaveRamp));
    let text = format!("Wheel or arrow keys dial  ·  {take} or a click takes it  ·  {leave} leaves");
    let font = FontId::proportional(10.5);
    ui.painter().text(inside.left_bottom(), Align2::LEFT_BOTTOM, text, font, Color32::from_gray(160));
    clicked
}

/// One step; whether it was clicked.
fn step_button(ui: &Ui, rect: Rect, base: Rgb, steps: (i8, i8), row: usize, is_dialled: bool) -> bool {
    let color = shade(base, steps.0, steps.1);
    let response = ui.interact(rect, ui.scope_id().with((row, steps)), Sense::click());
    let of_row = if row == 0 { words(steps.0, ["lighter", "darker"]) } else { words(steps.1, ["warmer", "cooler"]) };
    let name = match of_row.is_empty() {
        true => format!("{} {}", if row == 0 { "Same lightness" } else { "Same warmth" }, color.hex()),
        false => format!("{of_row} {}", color.hex()),
    };
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_dialled, &name));
    ui.painter().rect_filled(rect, 0, color32(color));
    if is_dialled {
        ui.painter().rect_stroke(rect.shrink(1.0), 0, Stroke::new(1.0, Color32::BLACK), StrokeKind::Inside);
        ui.painter().rect_stroke(rect, 0, Stroke::new(2.0, Color32::WHITE), StrokeKind::Outside);
    } else if response.hovered() {
        ui.painter().rect_stroke(rect, 0, Stroke::new(1.0, Color32::WHITE), StrokeKind::Inside);
    }
    response.clicked()
}

/// What is dialled, in words.
fn described(ramp: &Ramp) -> String {
    let parts = [words(ramp.lighter, ["lighter", "darker"]), words(ramp.warmer, ["warmer", "cooler"])];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let steps = if parts.is_empty() { "the colour itself".to_owned() } else { parts.join(", ") };
    format!("{}  {steps}", ramp.color().hex())
}

/// For example "2 darker"; empty for no steps.
fn words(steps: i8, [more, less]: [&str; 2]) -> String {
    match steps {
        0 => String::new(),
        1.. => format!("{steps} {more}"),
        _ => format!("{} {less}", steps.unsigned_abs()),
    }
}

/// In the middle below the pointer, or above where there is no room below.
fn place(at: Pos2, size: Vec2, screen: Rect) -> Rect {
    let top = match at.y + DISTANCE + size.y <= screen.max.y {
        true => at.y + DISTANCE,
        false => at.y - DISTANCE - size.y,
    };
    let left = (at.x - size.x / 2.0).min(screen.max.x - size.x).max(screen.min.x);
    Rect::from_min_size(Pos2::new(left, top.max(screen.min.y)), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Ramp {
        Ramp { at: Pos2::ZERO, base: Rgb([88, 166, 46]), lighter: 0, warmer: 0, held_since: None, scrolled: Vec2::ZERO }
    }

    #[test]
    fn steps_end_at_the_last_one() {
        let mut ramp = ramp();
        ramp.step(-1, 0);
        assert!(ramp.color().0[1] < 166);
        assert_eq!(described(&ramp), format!("{}  1 darker", ramp.color().hex()));
        for _ in 0..50 {
            ramp.step(i8::MAX, -1);
        }
        assert_eq!((ramp.lighter, ramp.warmer), (MOST_SHADES, -MOST_SHADES));
        ramp.step(-MOST_SHADES, MOST_SHADES);
        assert_eq!(ramp.color(), ramp.base);
    }

    #[test]
    fn the_strip_is_on_screen_and_not_under_the_pointer() {
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(760.0, 400.0));
        for at in [Pos2::new(3.0, 3.0), Pos2::new(759.0, 200.0), Pos2::new(380.0, 399.0)] {
            let rect = place(at, vec2(360.0, 125.0), screen);
            assert!(screen.contains_rect(rect) && !rect.contains(at), "{at:?}: {rect:?}");
        }
    }
}
