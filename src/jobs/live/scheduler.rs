//! When frames of live painting are made, and which are given up.
//!
//! One frame is made at a time, always of the newest input. While the hand moves they are rough ones; when it rests, a
//! full one follows. The rules were tuned for frames of a tenth of a second to a minute:
//!
//! - Quick frames begin at once. The longer a frame takes, the longer the scheduler waits after a change, so that a frame
//!   is not begun for every dab ([`grace`]).
//! - A frame of an older input is given up if it would still take long, or if it is a full one and a rough one of the
//!   newer input is there much sooner. Otherwise it is finished and shown, since it is newer than what is shown.
//! - Nobody waits for ever: after [`LONGEST_WAIT`] without a frame, or twice the time of a frame if that is longer, one
//!   is begun and not given up whatever changes.

use super::pace::LivePace;
use super::rough_size::RoughSize;
use crate::engine::{LiveQuality, LiveSize};

/// After this long without a change, in seconds, the hand is resting and a full frame is made.
const REST: f64 = 0.25;

/// Frames that take no longer than this, in seconds, begin without a wait, and are finished although the input changed.
const QUICK: f64 = 1.5;

/// A full frame that takes no longer than this, in seconds, needs no rough one before it: it is as soon there as a rough one
/// should be.
const NEEDS_NO_ROUGH: f64 = 0.25;

/// The share of a frame's time that is waited after a change.
const GRACE_SHARE: f64 = 1.0 / 6.0;

/// The longest wait after a change, in seconds, however long frames take.
const LONGEST_GRACE: f64 = 1.0;

/// Changes put a frame off for so many seconds at most, where frames do not take longer than half of that.
const LONGEST_WAIT: f64 = 3.0;

/// A frame of unknown length is given up after this time, in seconds, if the input changed.
const UNKNOWN: f64 = 1.0;

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LiveStep {
    /// Nothing, until something changes or a frame ends.
    Rest,
    /// Nothing for so many seconds, unless something changes.
    Wait(f64),
    /// Begin a frame of the present input, and report it with [`LiveScheduler::begun`].
    Begin(LiveQuality),
    /// Cancel the frame that is being made.
    Cancel,
}

/// A frame that is being made.
#[derive(Clone, Debug)]
struct RunningFrame<I> {
    input: I,
    quality: LiveQuality,
    begun: f64,
    /// Its size is the one of rough frames, and not fixed by something else.
    is_sized: bool,
    /// It was put off so long that it is not given up.
    is_due: bool,
    is_cancelled: bool,
}

/// Decides when frames are made. `I` is all that a frame is made from; equal inputs give equal frames. Times are seconds
/// of any clock that does not go back.
#[derive(Clone, Debug)]
pub struct LiveScheduler<I> {
    input: Option<I>,
    /// When the input last changed.
    changed: f64,
    /// Since when there have been changes of which no frame was finished.
    put_off_since: Option<f64>,
    running: Option<RunningFrame<I>>,
    /// Of what the newest frame was made.
    shown: Option<(I, LiveQuality)>,
    pace: LivePace,
    rough: RoughSize,
}

impl<I> Default for LiveScheduler<I> {
    fn default() -> Self {
        Self {
            input: None,
            changed: 0.0,
            put_off_since: None,
            running: None,
            shown: None,
            pace: LivePace::default(),
            rough: RoughSize::default(),
        }
    }
}

impl<I: Clone + PartialEq> LiveScheduler<I> {
    /// What is to be done for this input. Called whenever the input may have changed, when a frame has ended, and when the
    /// time of [`LiveStep::Wait`] is over.
    pub fn advance(&mut self, input: &I, now: f64) -> LiveStep {
        if self.input.as_ref() != Some(input) {
            self.input = Some(input.clone());
            self.changed = now;
            self.put_off_since.get_or_insert(now);
        }
        if let Some(step) = self.watch_running(input, now) {
            return step;
        }
        let (quality, due) = match &self.shown {
            Some((shown, LiveQuality::Full)) if shown == input => return LiveStep::Rest,
            Some((shown, LiveQuality::Rough)) if shown == input => {
                (LiveQuality::Full, self.changed + self.grace(LiveQuality::Full).max(REST))
            }
            _ => {
                let quality = self.first_quality();
                let longest = self.put_off_since.map_or(f64::INFINITY, |since| since + self.longest_wait(quality));
                (quality, (self.changed + self.grace(quality)).min(longest))
            }
        };
        if now < due { LiveStep::Wait(due - now) } else { LiveStep::Begin(quality) }
    }

    /// What becomes of the frame that is being made; `None` if none is.
    fn watch_running(&mut self, input: &I, now: f64) -> Option<LiveStep> {
        let running = self.running.as_ref()?;
        if running.is_cancelled || running.is_due || running.input == *input {
            return Some(LiveStep::Rest);
        }
        let (quality, elapsed) = (running.quality, now - running.begun);
        let Some(takes) = self.pace.of(quality) else {
            if elapsed < UNKNOWN {
                return Some(LiveStep::Wait(UNKNOWN - elapsed));
            }
            return Some(self.give_up(now));
        };
        let left = takes - elapsed;
        let newer = match quality {
            // The next one would be of the same quality, and no sooner there.
            quality if quality == self.first_quality() => None,
            _ => self.pace.of(LiveQuality::Rough),
        };
        let is_too_long = left > QUICK || newer.is_some_and(|newer| newer < left);
        Some(if is_too_long { self.give_up(now) } else { LiveStep::Rest })
    }

    fn give_up(&mut self, now: f64) -> LiveStep {
        if let Some(running) = &mut self.running {
            running.is_cancelled = true;
            self.pace.at_least(running.quality, now - running.begun);
        }
        LiveStep::Cancel
    }

    /// Of which quality the first frame of a new input is.
    fn first_quality(&self) -> LiveQuality {
        match self.pace.of(LiveQuality::Full) {
            Some(full) if full <= NEEDS_NO_ROUGH => LiveQuality::Full,
            _ => LiveQuality::Rough,
        }
    }

    /// How long to wait after a change before a frame begins, in seconds.
    fn grace(&self, quality: LiveQuality) -> f64 {
        match self.pace.of(quality) {
            Some(takes) if takes > QUICK => (takes * GRACE_SHARE).min(LONGEST_GRACE),
            _ => 0.0,
        }
    }

    /// For how long changes may put a frame off, in seconds.
    fn longest_wait(&self, quality: LiveQuality) -> f64 {
        self.pace.of(quality).map_or(LONGEST_WAIT, |takes| LONGEST_WAIT.max(2.0 * takes))
    }

    /// The size of the next rough frame.
    pub fn rough_size(&self) -> LiveSize {
        self.rough.size()
    }

    /// A frame of the present input was begun. `is_sized` says whether it has [`LiveScheduler::rough_size`].
    pub fn begun(&mut self, quality: LiveQuality, is_sized: bool, now: f64) {
        let Some(input) = self.input.clone() else { return };
        let since = self.put_off_since.unwrap_or(now);
        let is_due = now - since >= self.longest_wait(quality);
        self.running = Some(RunningFrame { input, quality, begun: now, is_sized, is_due, is_cancelled: false });
    }

    /// The frame that was being made is finished after so many seconds of work. Returns whether it is to be shown: a frame
    /// that was given up is not.
    pub fn finished(&mut self, seconds: f64, now: f64) -> bool {
        let Some(running) = self.running.take() else { return false };
        if running.is_cancelled {
            return false;
        }
        self.pace.measured(running.quality, seconds);
        if running.is_sized {
            let before = self.rough.size();
            self.rough.measured(seconds);
            self.pace.resized(before, self.rough.size());
        }
        let is_newest = self.input.as_ref() == Some(&running.input);
        self.put_off_since = (!is_newest).then_some(now);
        self.shown = Some((running.input, running.quality));
        true
    }

    /// The frame that was being made has ended without a picture.
    pub fn dropped(&mut self) {
        self.running = None;
    }

    /// Gives up the frame that is being made, if there is one that was not given up already: something else comes first.
    /// Returns whether there was.
    pub fn interrupt(&mut self) -> bool {
        let Some(running) = self.running.as_mut().filter(|running| !running.is_cancelled) else { return false };
        running.is_cancelled = true;
        true
    }

    /// What is shown belongs to another canvas from now on: the next frame begins at once.
    pub fn forget(&mut self) {
        (self.input, self.shown, self.put_off_since) = (None, None, None);
        self.interrupt();
    }

    /// Whether a frame is being made.
    pub fn is_making(&self) -> bool {
        self.running.is_some()
    }

    /// Whether the newest frame shows the present input.
    pub fn is_current(&self) -> bool {
        self.shown.as_ref().map(|(shown, _)| shown) == self.input.as_ref()
    }

    /// The average time of a frame, in seconds; `None` before the first one.
    pub fn seconds(&self, quality: LiveQuality) -> Option<f64> {
        self.pace.of(quality)
    }
}
