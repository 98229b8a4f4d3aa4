//! Leads the keyboard from part to part of the window.

use egui::{Context, Id, Rect};

/// The parts of the window that were shown in this frame, in reading order.
#[derive(Default)]
pub(in crate::ui) struct Parts {
    /// Where each is, and the control that gets the focus.
    shown: Vec<(Rect, Id)>,
}

impl Parts {
    /// Forgets the parts of the last frame.
    pub(super) fn begin(&mut self) {
        self.shown.clear();
    }

    /// A part is shown here; its first control gets the focus. One without controls is passed over.
    pub(in crate::ui) fn note(&mut self, area: Rect, first: Option<Id>) {
        self.shown.extend(first.map(|first| (area, first)));
    }

    /// Gives the keyboard to the part that is `step` parts after the one that has it.
    pub fn give_keyboard(&self, ctx: &Context, step: isize) {
        let focused = ctx.memory(|memory| memory.focused()).and_then(|id| ctx.read_response(id));
        let at = focused.and_then(|focused| {
            let center = focused.rect.center();
            self.shown.iter().position(|(area, id)| *id == focused.id || area.contains(center))
        });
        if let Some((_, id)) = next(at, step, self.shown.len()).and_then(|next| self.shown.get(next)) {
            ctx.memory_mut(|memory| memory.request_focus(*id));
        }
    }
}

/// Which of `count` parts comes `step` after this one, in a circle; the first, or with a negative step the last, after
/// none.
fn next(at: Option<usize>, step: isize, count: usize) -> Option<usize> {
    let count = isize::try_from(count).ok().filter(|count| *count > 0)?;
    let next = match at.and_then(|at| isize::try_from(at).ok()) {
        Some(at) => (at + step).rem_euclid(count),
        None if step < 0 => count - 1,
        None => 0,
    };
    usize::try_from(next).ok()
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_keyboard_goes_round_in_a_circle() {
        assert_eq!([next(None, 1, 3), next(Some(0), 1, 3), next(Some(2), 1, 3)], [Some(0), Some(1), Some(0)]);
        assert_eq!([next(None, -1, 3), next(Some(0), -1, 3), next(Some(2), -1, 3)], [Some(2), Some(2), Some(1)]);
        assert_eq!(next(None, 1, 0), None);
    }
}
