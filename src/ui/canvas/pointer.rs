//! What the pointer does on the canvas.

use egui::{Event, Modifiers, PointerButton, Pos2, Rect};

use super::mapping::Mapping;
use crate::paint::{Brush, Painting, Rgb};
use crate::ui::keyboard::Keyboard;
use crate::ui::panels::{Tool, Tools};
use crate::ui::{CanvasCommand, UserCommand};

/// What one frame of pointer events led to.
#[derive(Default)]
pub(super) struct Outcome {
    /// A colour was picked.
    pub command: Option<UserCommand>,
    /// The current colour was painted with.
    pub painted: bool,
}

/// Follows the pointer from frame to frame.
#[derive(Default)]
pub(super) struct Pointer {
    /// The painting's revision before the stroke that is being painted.
    stroke: Option<u64>,
}

impl Pointer {
    /// Whether the pointer is down and paints a stroke.
    pub fn is_stroking(&self) -> bool {
        self.stroke.is_some()
    }

    /// Takes the stroke back that is being painted. The pointer must be pressed again to paint.
    pub fn abandon(&mut self, painting: &mut Painting) {
        let Some(before) = self.stroke.take() else { return };
        painting.end_stroke();
        // A stroke outside the canvas has changed nothing, so there is nothing to undo.
        if painting.revision() != before {
            painting.undo();
        }
    }

    /// Handles every pointer event of the frame in order: a fast drag arrives as many moves at
    /// once, sometimes with press and release in the same frame.
    ///
    /// `room` is the area whose presses belong to the canvas; it may be larger than the canvas, so
    /// that a stroke can start outside. While a menu is open a press only closes the menu.
    ///
    /// Strokes change the painting here and not through a command: they consist of many small
    /// steps that must not wait for each other.
    #[expect(clippy::too_many_arguments, reason = "everything that the pointer touches")]
    pub fn follow(
        &mut self,
        ui: &egui::Ui,
        room: Rect,
        map: &Mapping,
        painting: &mut Painting,
        tools: &Tools,
        color: Rgb,
        keyboard: &Keyboard,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let events = ui.input(|i| i.events.clone());
        for event in events {
            match event {
                Event::PointerMoved(at) if self.stroke.is_some() => {
                    let (x, y) = map.to_canvas(at);
                    painting.stroke_to(x, y);
                }
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, modifiers } => {
                    let free = room.contains(pos) && ui.ctx().layer_id_at(pos).is_none_or(|l| l == ui.layer_id());
                    if free && ui.is_enabled() && !keyboard.popup_is_open() {
                        self.press(pos, modifiers, map, painting, tools, color, &mut outcome);
                    }
                }
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: false, .. }
                    if self.stroke.is_some() =>
                {
                    let (x, y) = map.to_canvas(pos);
                    painting.stroke_to(x, y);
                    painting.end_stroke();
                    self.stroke = None;
                }
                _ => {}
            }
        }
        // The release can get lost, for example when the window loses the pointer.
        if self.stroke.is_some() && !ui.input(|i| i.pointer.primary_down()) {
            painting.end_stroke();
            self.stroke = None;
        }
        outcome
    }

    #[expect(clippy::too_many_arguments, reason = "everything that a press touches")]
    fn press(
        &mut self,
        pos: Pos2,
        modifiers: Modifiers,
        map: &Mapping,
        painting: &mut Painting,
        tools: &Tools,
        color: Rgb,
        outcome: &mut Outcome,
    ) {
        let (x, y) = map.to_canvas(pos);
        let brush = Brush { color, ..tools.brush };
        match if modifiers.alt { Tool::Eyedropper } else { tools.tool } {
            Tool::Brush => {
                outcome.painted = true;
                self.stroke = Some(painting.revision());
                painting.begin_stroke(brush, x, y);
            }
            Tool::Eraser => {
                self.stroke = Some(painting.revision());
                painting.begin_erasing(brush, x, y);
            }
            Tool::Fill => {
                if let Some((x, y)) = map.to_pixel(pos) {
                    outcome.painted = true;
                    painting.fill(x, y, color);
                }
            }
            Tool::Eyedropper => {
                let picked = map.to_pixel(pos).and_then(|(x, y)| painting.canvas().color_at(x, y));
                if let Some(picked) = picked {
                    outcome.command = Some(CanvasCommand::UseColor(picked).into());
                }
            }
        }
    }
}
