//! What pointer, wheel and fingers do to the view of the canvas.
//!
//! The view is changed here and not through commands: a drag consists of many small steps.

use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Ui, Vec2};

use super::viewport::{CanvasRoom, CanvasViewport};

/// How far the wheel turns, in points, for a zoom by a factor of e.
const WHEEL: f32 = 240.0;

/// How far a drag that zooms goes, in points, for a zoom by a factor of e.
const ZOOM_DRAG: f32 = 150.0;

/// The key that turns a drag on the canvas into one that moves it.
const GRAB: Key = Key::Space;

/// Follows what moves the view from frame to frame.
#[derive(Default)]
pub(super) struct Navigation {
    drag: Option<Drag>,
    /// Whether the key that grabs the canvas is held.
    grabs: bool,
    /// Whether the last scrolling came from fingers on a touchpad, which move the canvas; a wheel zooms.
    from_touchpad: bool,
}

/// What a drag does to the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Motion {
    Pan,
    Turn,
    Zoom,
}

struct Drag {
    motion: Motion,
    button: PointerButton,
    /// Where it began.
    from: Pos2,
    /// Where the pointer was last.
    at: Pos2,
    /// To what angle the canvas is turned, in degrees, before that is rounded.
    degrees: f32,
}

impl Navigation {
    /// Whether a drag would move the canvas, or does.
    pub fn is_grabbing(&self) -> bool {
        self.grabs || self.drag.is_some()
    }

    /// Whether a drag moves the canvas.
    pub fn is_dragging(&self) -> bool {
        self.drag.is_some()
    }

    /// Handles one event; returns whether it was one that moves the view. `is_free` says whether a press at a place on
    /// screen is meant for the canvas, and `has_keys` whether keys are.
    pub fn take(
        &mut self,
        event: &Event,
        (is_free, has_keys): (&dyn Fn(Pos2) -> bool, bool),
        viewport: &mut CanvasViewport,
        room: &CanvasRoom,
    ) -> bool {
        match event {
            Event::Key { key: GRAB, pressed, .. } => {
                self.grabs = *pressed && has_keys;
                false
            }
            Event::PointerButton { pos, button, pressed: true, modifiers } => {
                let begins = match button {
                    PointerButton::Middle => true,
                    PointerButton::Primary => self.grabs,
                    _ => false,
                };
                if self.drag.is_none() && begins && is_free(*pos) {
                    let (motion, degrees) = (motion(*modifiers), viewport.viewpoint().degrees);
                    self.drag = Some(Drag { motion, button: *button, from: *pos, at: *pos, degrees });
                }
                self.drag.is_some()
            }
            Event::PointerMoved(at) => self.drag_to(*at, viewport, room),
            Event::PointerButton { pos, button, pressed: false, .. } => {
                let ends = self.drag.as_ref().is_some_and(|drag| drag.button == *button);
                if ends {
                    self.drag_to(*pos, viewport, room);
                    self.drag = None;
                }
                ends
            }
            _ => false,
        }
    }

    /// What changes the view apart from single events: wheel, touchpad and fingers. `pointer` is where the pointer is
    /// over the canvas. Returns whether several fingers are on the canvas, which do not paint.
    pub fn follow(&mut self, ui: &Ui, pointer: Option<Pos2>, viewport: &mut CanvasViewport, room: &CanvasRoom) -> bool {
        let scrolls = ui.input(|i| i.events.iter().filter_map(is_from_touchpad).next_back());
        self.from_touchpad = scrolls.unwrap_or(self.from_touchpad);
        // A release can get lost, for example when the window loses the pointer.
        let is_down = |button| ui.input(|i| i.pointer.button_down(button));
        self.drag.take_if(|drag| !is_down(drag.button));
        self.grabs &= ui.input(|i| i.key_down(GRAB));
        let fingers = ui.ctx().multi_touch().filter(|fingers| room.rect.contains(fingers.center_pos));
        if let Some(fingers) = fingers {
            viewport.pan(fingers.translation_delta, room);
            viewport.zoom_by(fingers.zoom_delta, fingers.center_pos, room);
            if fingers.rotation_delta != 0.0 {
                viewport.turn(fingers.rotation_delta.to_degrees(), room);
            }
            return true;
        }
        let Some(at) = pointer else { return false };
        let (zoom, scroll, modifiers) = ui.input(|i| (i.zoom_delta(), i.smooth_scroll_delta(), i.modifiers));
        let pans_down = self.from_touchpad || modifiers.alt;
        let factor = if pans_down { zoom } else { zoom * (scroll.y / WHEEL).exp() };
        let by = Vec2::new(scroll.x, if pans_down { scroll.y } else { 0.0 });
        if factor != 1.0 {
            viewport.zoom_by(factor, at, room);
        }
        if by != Vec2::ZERO {
            viewport.pan(by, room);
        }
        false
    }

    fn drag_to(&mut self, at: Pos2, viewport: &mut CanvasViewport, room: &CanvasRoom) -> bool {
        let Some(drag) = &mut self.drag else { return false };
        let before = std::mem::replace(&mut drag.at, at);
        match drag.motion {
            Motion::Pan => viewport.pan(at - before, room),
            Motion::Zoom => viewport.zoom_by(((before.y - at.y) / ZOOM_DRAG).exp(), drag.from, room),
            Motion::Turn => {
                let (from, to) = (before - room.rect.center(), at - room.rect.center());
                let turned = (from.x * to.y - from.y * to.x).atan2(from.dot(to));
                drag.degrees += if turned.is_finite() { turned.to_degrees() } else { 0.0 };
                viewport.turn_to(drag.degrees, room);
            }
        }
        true
    }
}

/// What a drag does while these modifiers are held.
fn motion(modifiers: Modifiers) -> Motion {
    match (modifiers.shift, modifiers.command) {
        (true, _) => Motion::Turn,
        (false, true) => Motion::Zoom,
        (false, false) => Motion::Pan,
    }
}

/// Whether scrolling came from fingers on a touchpad; `None` for other events.
fn is_from_touchpad(event: &Event) -> Option<bool> {
    let Event::MouseWheel { source, unit, .. } = event else { return None };
    Some(match source {
        MouseWheelSource::Trackpad | MouseWheelSource::Momentum => true,
        MouseWheelSource::Wheel => false,
        // Where the system does not say, wheels count lines and touchpads points.
        MouseWheelSource::Unknown => *unit == MouseWheelUnit::Point,
    })
}
