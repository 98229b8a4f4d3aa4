//! What arrow keys do to the part of the picker that has the focus.

use egui::{EventFilter, Key, Response, Ui, Vec2};

/// How many steps the arrow keys went to the right and upwards since the last frame; with Shift ten for each press. While
/// a part has the focus, they do not move the focus on.
pub(super) fn arrow_steps(ui: &Ui, response: &Response) -> Vec2 {
    if !response.has_focus() {
        return Vec2::ZERO;
    }
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    ui.input(|i| {
        let presses = |key| i.num_presses(key) as f32;
        let each = if i.modifiers.shift { 10.0 } else { 1.0 };
        let right = presses(Key::ArrowRight) - presses(Key::ArrowLeft);
        let up = presses(Key::ArrowUp) - presses(Key::ArrowDown);
        Vec2::new(right, up) * each
    })
}

/// Where the pointer is while it is down on a part, or was pressed and released since the last frame; that part gets the
/// focus.
pub(super) fn pointed(response: &Response) -> Option<egui::Pos2> {
    if !response.is_pointer_button_down_on() && !response.clicked() {
        return None;
    }
    if !response.has_focus() {
        response.request_focus();
    }
    response.interact_pointer_pos()
}

/// How many steps an assistive program asked for, upwards or downwards.
pub(super) fn requested_steps(ui: &Ui, response: &Response) -> f32 {
    use egui::accesskit::Action::{Decrement, Increment};
    ui.input(|i| {
        let requests = |action| i.num_accesskit_action_requests(response.id, action) as f32;
        requests(Increment) - requests(Decrement)
    })
}
