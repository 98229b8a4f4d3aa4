//! Who the keyboard belongs to: a menu, a text field, an input method, or the shortcuts.
//!
//! egui handles Escape before the window sees it: it takes the focus away and closes menus, all
//! with one press. So that one press does one thing, [`EscapeOrder`] looks at Escape first, and
//! [`Keyboard`] remembers from the previous frame what was open.

use egui::{Context, Event, Id, ImeEvent, Key, Popup, Pos2, RawInput, Rect};

/// What owned the keyboard at the end of the previous frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keyboard {
    /// The text field that had the focus, and where it was.
    text: Option<(Id, Rect)>,
    /// Whether a menu or a list was open.
    popup: bool,
    /// Whether a control had the focus.
    focus: bool,
}

impl Keyboard {
    /// Looks at the state at the end of a frame.
    pub fn at_end_of_frame(ctx: &Context) -> Self {
        let focused = ctx.memory(|memory| memory.focused());
        let focus = focused.is_some();
        let text = focused
            .filter(|_| ctx.text_edit_focused())
            .map(|id| (id, ctx.read_response(id).map_or(Rect::NOTHING, |field| field.interact_rect)));
        Self { text, popup: ctx.any_popup_open(), focus }
    }

    /// Whether text is being typed.
    pub fn is_typing(&self) -> bool {
        self.text.is_some()
    }

    /// Whether a menu or a list is open.
    pub fn popup_is_open(&self) -> bool {
        self.popup
    }

    /// Whether a control has the focus.
    pub fn has_focus(&self) -> bool {
        self.focus
    }

    /// Escape left the text field; returns whether there was one.
    pub fn leave_text(&mut self) -> bool {
        self.text.take().is_some()
    }

    /// The pointer was pressed: outside the text field this ends typing, so that keys act on what
    /// was pressed.
    pub fn pressed(&mut self, at: Pos2) {
        self.text = self.text.filter(|(_, field)| field.contains(at));
        self.focus &= self.text.is_some();
    }
}

/// Takes Escape before egui does, while an input method is composing or a menu is open.
#[derive(Default)]
pub(super) struct EscapeOrder {
    composing: bool,
}

impl egui::Plugin for EscapeOrder {
    fn debug_name(&self) -> &'static str {
        "escape order"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let mut popup = ctx.any_popup_open();
        // Leaving the text field ends composing, which not every system reports.
        self.composing &= ctx.text_edit_focused();
        // An input method may report that composing ended just before it passes Escape on.
        let mut composing = self.composing;
        input.events.retain(|event| match event {
            Event::Ime(ImeEvent::Preedit { text, .. }) => {
                composing |= !text.is_empty();
                self.composing = !text.is_empty();
                true
            }
            Event::Ime(ImeEvent::Commit(_)) => {
                self.composing = false;
                true
            }
            Event::Key { key: Key::Escape, pressed: true, modifiers, .. } if !modifiers.any() => {
                if composing {
                    return false;
                }
                if popup {
                    Popup::close_all(ctx);
                    popup = false;
                    return false;
                }
                true
            }
            _ => true,
        });
    }
}
