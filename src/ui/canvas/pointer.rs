//! What the pointer does on the canvas.

use egui::{Event, Modifiers, PointerButton, Pos2, Rect};

use super::mapping::Mapping;
use crate::document::Document;
use crate::paint::{Brush, Rgb};
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
    /// Whether the pointer is down and began a stroke here.
    stroking: bool,
}

impl Pointer {
    /// Handles every pointer event of the frame in order: a fast drag arrives as many moves at
    /// once, sometimes with press and release in the same frame.
    ///
    /// `room` is the area whose presses belong to the canvas; it may be larger than the canvas, so
    /// that a stroke can start outside.
    ///
    /// Strokes change the document here and not through a command: they consist of many small
    /// steps that must not wait for each other.
    pub fn follow(
        &mut self,
        ui: &egui::Ui,
        room: Rect,
        map: &Mapping,
        document: &mut Document,
        tools: &Tools,
        color: Rgb,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let events = ui.input(|i| i.events.clone());
        for event in events {
            match event {
                Event::PointerMoved(at) if self.stroking => {
                    let (x, y) = map.to_canvas(at);
                    document.stroke_to(x, y);
                }
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, modifiers } => {
                    let free = room.contains(pos) && ui.ctx().layer_id_at(pos).is_none_or(|l| l == ui.layer_id());
                    if free && ui.is_enabled() {
                        self.press(pos, modifiers, map, document, tools, color, &mut outcome);
                    }
                }
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: false, .. } if self.stroking => {
                    let (x, y) = map.to_canvas(pos);
                    document.stroke_to(x, y);
                    document.end_stroke();
                    self.stroking = false;
                }
                _ => {}
            }
        }
        // The release can get lost, for example when the window loses the pointer.
        if self.stroking && !ui.input(|i| i.pointer.primary_down()) {
            document.end_stroke();
            self.stroking = false;
        }
        outcome
    }

    #[expect(clippy::too_many_arguments, reason = "what one press touches")]
    fn press(
        &mut self,
        pos: Pos2,
        modifiers: Modifiers,
        map: &Mapping,
        document: &mut Document,
        tools: &Tools,
        color: Rgb,
        outcome: &mut Outcome,
    ) {
        let (x, y) = map.to_canvas(pos);
        let brush = Brush { color, ..tools.brush };
        match if modifiers.alt { Tool::Eyedropper } else { tools.tool } {
            Tool::Brush => {
                outcome.painted = true;
                self.stroking = true;
                document.begin_stroke(brush, x, y);
            }
            Tool::Eraser => {
                self.stroking = true;
                document.begin_erasing(brush, x, y);
            }
            Tool::Fill => {
                if let Some((x, y)) = map.to_pixel(pos) {
                    outcome.painted = true;
                    document.fill(x, y, color);
                }
            }
            Tool::Eyedropper => {
                let picked = map.to_pixel(pos).and_then(|(x, y)| document.canvas().color_at(x, y));
                if let Some(picked) = picked {
                    outcome.command = Some(CanvasCommand::UseColor(picked).into());
                }
            }
        }
    }
}
