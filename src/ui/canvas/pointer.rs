//! What the pointer does on the canvas.

use egui::{Event, Modifiers, PointerButton, Pos2};

use super::key_cursor::{KeyCursor, KeyStep, tool_place};
use super::mapping::Mapping;
use super::navigation::Navigation;
use super::tools::{self, CanvasTool, ToolContext, Touch};
use super::viewport::{CanvasRoom, CanvasViewport};
use crate::document::{Document, SlowEdit};
use crate::paint::PenSample;
use crate::ui::Tool;
use crate::ui::keyboard::Keyboard;
use crate::ui::pens::Pens;

/// Follows the pointer from frame to frame and hands it to the tool in use.
pub(super) struct Pointer {
    /// The tool that was chosen, and what it does.
    chosen: (Tool, Box<dyn CanvasTool>),
    /// The tool that a held modifier puts in its place until the pointer is released.
    instead: Option<Box<dyn CanvasTool>>,
    /// Whether the pointer is down and the tool follows it.
    following: bool,
    /// Whether the tool follows the cross of the keyboard and not the pointer.
    by_keys: bool,
    pens: Pens,
}

impl Default for Pointer {
    fn default() -> Self {
        let tool = Tool::default();
        Self { chosen: (tool, tools::of(tool)), instead: None, following: false, by_keys: false, pens: Pens::default() }
    }
}

impl Pointer {
    /// Whether the pointer is down and the tool follows it.
    pub fn is_following(&self) -> bool {
        self.following
    }

    /// Whether the tool follows the cross of the keyboard.
    pub fn is_following_keys(&self) -> bool {
        self.following && self.by_keys
    }

    /// Lets the tool do what keys asked for since the last frame. A tool that is dragged is pressed by one key and released
    /// by the next; a polygon is closed by a second press at its last corner.
    pub fn follow_keys(&mut self, cursor: &mut KeyCursor, map: &Mapping, time: f64, context: &mut ToolContext<'_>) {
        let canvas = context.document.canvas();
        let size = (canvas.width(), canvas.height());
        let tool = self.chosen.0;
        let touch = |at: (usize, usize)| {
            let (x, y) = tool_place(tool, at, size);
            let (sample, at) = (PenSample::mouse(x, y, time), map.to_screen(x, y));
            Touch { sample, knows_pressure: false, at, modifiers: Modifiers::NONE, map }
        };
        for step in std::mem::take(&mut cursor.steps) {
            match step {
                KeyStep::Move(at) if self.is_following_keys() => self.tool().drag(&touch(at), context),
                KeyStep::Move(_) => {}
                KeyStep::Act(at) if self.is_following_keys() => {
                    self.tool().drag(&touch(at), context);
                    self.release(context);
                }
                // The pointer is down.
                KeyStep::Act(_) if self.following => {}
                KeyStep::Act(at) if cursor.acted == Some(at) && self.chosen().is_pending() => {
                    if let Some(edit) = self.chosen_mut().finish(context.options) {
                        context.edit(edit);
                    }
                }
                KeyStep::Act(at) => {
                    self.instead = None;
                    if self.may_begin(context) {
                        self.following = self.tool().press(&touch(at), context);
                        self.by_keys = self.following;
                        cursor.acted = Some(at);
                    }
                }
            }
        }
    }

    /// Asks these pens how they are held.
    #[cfg(target_os = "linux")]
    pub fn use_pens(&mut self, pens: Pens) {
        self.pens = pens;
    }

    /// Takes back what the pressed pointer did. It must be pressed again to go on. Where that takes long, the edit that does
    /// it is returned.
    #[must_use]
    pub fn abandon(&mut self, document: &mut Document) -> Option<SlowEdit> {
        self.by_keys = false;
        if !std::mem::take(&mut self.following) {
            return None;
        }
        let is_large = document.is_large();
        let tool = self.tool();
        let edit = if is_large { tool.take_back() } else { None };
        if edit.is_none() {
            tool.abandon(document);
        }
        edit
    }

    /// Uses this tool from the next press on.
    pub fn choose(&mut self, tool: Tool) {
        if self.chosen.0 != tool && !self.following {
            self.chosen = (tool, tools::of(tool));
        }
    }

    /// What the chosen tool does, to tell it what becomes of what it began.
    pub fn chosen_mut(&mut self) -> &mut dyn CanvasTool {
        self.chosen.1.as_mut()
    }

    /// What the chosen tool does.
    pub fn chosen(&self) -> &dyn CanvasTool {
        self.chosen.1.as_ref()
    }

    /// Handles every pointer event of the frame in order: a fast drag arrives as many moves at
    /// once, sometimes with press and release in the same frame. Events that move the view go to
    /// `navigation` and change `viewport`; the tool gets the others, at the places they have then.
    ///
    /// `room` is the area whose presses belong to the canvas; it may be larger than the canvas, so
    /// that a stroke can start outside. While a menu is open a press only closes the menu.
    pub fn follow(
        &mut self,
        ui: &egui::Ui,
        room: &CanvasRoom,
        (navigation, viewport): (&mut Navigation, &mut CanvasViewport),
        keyboard: &Keyboard,
        context: &mut ToolContext<'_>,
    ) {
        let (events, time, modifiers) = ui.input(|i| (i.events.clone(), i.time, i.modifiers));
        let is_free = |pos: Pos2| {
            let free = room.rect.contains(pos) && ui.ctx().layer_id_at(pos).is_none_or(|l| l == ui.layer_id());
            free && ui.is_enabled() && !keyboard.popup_is_open()
        };
        let has_keys = !keyboard.is_typing() && !keyboard.popup_is_open();
        let mut map = viewport.mapping(room);
        self.pens.begin_frame(&events);
        for event in events {
            self.pens.see(&event);
            if !self.following && navigation.take(&event, (&is_free, has_keys), viewport, room) {
                map = viewport.mapping(room);
                continue;
            }
            let held = self.pens.held();
            let touch = |at: Pos2, modifiers: Modifiers| {
                let (x, y) = map.to_canvas(at);
                let mut sample = PenSample::mouse(x, y, time);
                if let Some(held) = held {
                    (sample.pressure, sample.tilt) = (held.pressure, held.tilt);
                }
                Touch { sample, knows_pressure: held.is_some(), at, modifiers, map: &map }
            };
            match event {
                Event::PointerMoved(at) if self.following && !self.by_keys => {
                    self.tool().drag(&touch(at, modifiers), context)
                }
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, modifiers }
                    if is_free(pos) =>
                {
                    if self.by_keys {
                        self.release(context);
                    }
                    self.instead = modifiers.alt.then(|| tools::of(Tool::Eyedropper));
                    if self.instead.is_some() || self.may_begin(context) {
                        self.following = self.tool().press(&touch(pos, modifiers), context);
                    }
                }
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: false, modifiers }
                    if self.following && !self.by_keys =>
                {
                    self.tool().drag(&touch(pos, modifiers), context);
                    self.release(context);
                }
                _ => {}
            }
        }
        // The release can get lost, for example when the window loses the pointer.
        if self.following && !self.by_keys && !ui.input(|i| i.pointer.primary_down()) {
            self.release(context);
        }
        if self.following && self.tool().rest(time, context) {
            ui.ctx().request_repaint();
        }
    }

    /// Whether the chosen tool can begin something now: not while another thread works on the canvas. What is lifted off a
    /// large canvas is put down first.
    fn may_begin(&self, context: &mut ToolContext<'_>) -> bool {
        let puts_down = context.document.is_transforming() && context.document.is_large();
        match self.chosen.0 {
            Tool::Eyedropper | Tool::Crop => true,
            _ if context.is_busy => false,
            Tool::Transform | Tool::Frame => true,
            _ if puts_down => {
                context.edit(SlowEdit::EndTransform);
                false
            }
            _ => true,
        }
    }

    fn release(&mut self, context: &mut ToolContext<'_>) {
        self.tool().release(context);
        (self.following, self.by_keys) = (false, false);
    }

    fn tool(&mut self) -> &mut dyn CanvasTool {
        self.instead.as_mut().unwrap_or(&mut self.chosen.1).as_mut()
    }
}
