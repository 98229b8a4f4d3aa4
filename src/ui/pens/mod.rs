//! How a pen is held: pressure and tilt, where the system tells them.
//!
//! The window library tells the force of touches, which is how pens arrive on Windows. On X11 it tells nothing of pens, so
//! a thread of its own listens there (`x11.rs`; `axes.rs` reads what a device tells). docs/guide.md says where pressure
//! comes from and where not.

#[cfg(target_os = "linux")]
mod axes;
#[cfg(target_os = "linux")]
mod x11;

use std::collections::BTreeSet;

use crossbeam_channel::Receiver;
use egui::{Event, TouchDeviceId, TouchPhase};

/// How a pen is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ui) struct PenHold {
    /// `0..=1`.
    pub pressure: f32,
    /// To the right and towards the person, each `-1..=1`, where 1 is flat on the tablet.
    pub tilt: (f32, f32),
}

/// Follows how pens are held from event to event.
#[derive(Default)]
pub(in crate::ui) struct Pens {
    /// What the thread tells: one value for each move of any device, `None` for one that is no pen.
    told: Option<Receiver<Option<PenHold>>>,
    /// What it told since the last frame.
    readings: Vec<Option<PenHold>>,
    /// How many events of the pointer there are in this frame, and how many of them were seen.
    events: (usize, usize),
    /// How the pen was held last, according to the thread.
    held: Option<PenHold>,
    /// The force of the present touch.
    force: Option<f32>,
    /// The devices that tell a force. From them, none is no force.
    forceful: BTreeSet<TouchDeviceId>,
}

impl Pens {
    /// Listens to the pens of the X server.
    #[cfg(target_os = "linux")]
    pub fn listen() -> Self {
        Self { told: x11::listen(), ..Self::default() }
    }

    /// Begins a frame with these events.
    pub fn begin_frame(&mut self, events: &[Event]) {
        self.readings.clear();
        self.readings.extend(self.told.iter().flat_map(Receiver::try_iter));
        self.events = (events.iter().filter(|event| is_of_pointer(event)).count(), 0);
        if self.events.0 == 0
            && let Some(last) = self.readings.last()
        {
            self.held = *last;
        }
    }

    /// Looks at the next event of the frame.
    pub fn see(&mut self, event: &Event) {
        match event {
            Event::Touch { force, phase: TouchPhase::Start | TouchPhase::Move, device_id, .. } => {
                if force.is_some() {
                    self.forceful.insert(*device_id);
                }
                self.force = force.or(self.forceful.contains(device_id).then_some(0.0));
            }
            Event::PointerGone => self.force = None,
            _ if is_of_pointer(event) => {
                // As many readings as events, if all goes well: both are one a move.
                self.events.1 += 1;
                let (count, seen) = self.events;
                let reading = (seen * self.readings.len()).checked_div(count).and_then(|number| number.checked_sub(1));
                if let Some(reading) = reading.and_then(|at| self.readings.get(at)) {
                    self.held = *reading;
                }
            }
            _ => {}
        }
    }

    /// How the pen is held at the event seen last; `None` if nothing is known of a pen.
    pub fn held(&self) -> Option<PenHold> {
        self.force.map(|pressure| PenHold { pressure, tilt: (0.0, 0.0) }).or(self.held)
    }
}

fn is_of_pointer(event: &Event) -> bool {
    matches!(event, Event::PointerMoved(_) | Event::PointerButton { .. })
}

#[cfg(test)]
mod tests {
    use egui::{Pos2, TouchId};

    use super::*;

    fn pen(pressure: f32) -> Option<PenHold> {
        Some(PenHold { pressure, tilt: (0.0, 0.0) })
    }

    #[test]
    fn readings_are_spread_over_the_moves_of_a_frame() {
        let (tell, told) = crossbeam_channel::unbounded();
        let mut pens = Pens { told: Some(told), ..Pens::default() };
        let moves = |count: usize| vec![Event::PointerMoved(Pos2::ZERO); count];
        let mut frame = |readings: &[Option<PenHold>], count: usize| -> Vec<Option<f32>> {
            readings.iter().for_each(|reading| tell.send(*reading).expect("sends"));
            let events = moves(count);
            pens.begin_frame(&events);
            let held = events.iter().map(|event| {
                pens.see(event);
                pens.held().map(|held| held.pressure)
            });
            held.collect()
        };
        assert_eq!(frame(&[], 1), [None], "a mouse");
        assert_eq!(frame(&[pen(0.1), pen(0.2), pen(0.3)], 3), [Some(0.1), Some(0.2), Some(0.3)]);
        assert_eq!(frame(&[pen(0.1), pen(0.2), pen(0.3), pen(0.4)], 2), [Some(0.2), Some(0.4)]);
        assert_eq!(frame(&[pen(0.5), pen(0.6)], 4), [Some(0.4), Some(0.5), Some(0.5), Some(0.6)]);
        assert_eq!(frame(&[], 1), [Some(0.6)], "the reading is late");
        assert!(frame(&[pen(0.9), None], 0).is_empty());
        assert_eq!(frame(&[], 1), [None], "a mouse was moved since");
    }

    #[test]
    fn a_touch_that_tells_a_force_has_none_when_it_tells_none() {
        let mut pens = Pens::default();
        let touch = |device: u64, force| Event::Touch {
            device_id: TouchDeviceId(device),
            id: TouchId(1),
            phase: TouchPhase::Move,
            pos: Pos2::ZERO,
            force,
        };
        pens.see(&touch(1, None));
        assert_eq!(pens.held(), None, "a finger");
        pens.see(&touch(2, Some(0.4)));
        assert_eq!(pens.held(), pen(0.4));
        pens.see(&touch(2, None));
        assert_eq!(pens.held(), pen(0.0));
        pens.see(&Event::PointerGone);
        assert_eq!(pens.held(), None);
    }
}
