//! A hand that paints and an engine that takes time, without either.

use super::{LiveScheduler, LiveStep};
use crate::engine::LiveQuality::{self, Full, Rough};
use crate::engine::LiveSize;

/// Follows a scheduler with an engine whose frames take a fixed time.
struct Bench {
    live: LiveScheduler<u32>,
    /// Seconds that a rough and a full frame take.
    takes: (f64, f64),
    /// What is being made: its input, quality, when it ends, and whether it was cancelled.
    making: Option<(u32, LiveQuality, f64, bool)>,
    /// How long a cancelled frame still takes.
    stopping: f64,
    /// What was shown, and when.
    shown: Vec<(u32, LiveQuality, f64)>,
    cancelled: usize,
    /// How often the scheduler was asked.
    asked: usize,
}

impl Bench {
    fn new(rough: f64, full: f64) -> Self {
        Self {
            live: LiveScheduler::default(),
            takes: (rough, full),
            making: None,
            stopping: 0.05,
            shown: Vec::new(),
            cancelled: 0,
            asked: 0,
        }
    }

    /// Lets time pass in steps of a hundredth of a second; `input` says what is painted when.
    fn run(&mut self, from: f64, to: f64, input: impl Fn(f64) -> u32) {
        for tick in (from * 100.0).round() as u32..(to * 100.0).round() as u32 {
            let now = f64::from(tick) / 100.0;
            if let Some((of, quality, ends, is_cancelled)) = self.making
                && now >= ends
            {
                self.making = None;
                let takes = if quality == Rough { self.takes.0 } else { self.takes.1 };
                if is_cancelled {
                    self.live.dropped();
                } else if self.live.finished(takes, now) {
                    self.shown.push((of, quality, now));
                }
            }
            self.asked += 1;
            match self.live.advance(&input(now), now) {
                LiveStep::Begin(quality) => {
                    assert!(self.making.is_none(), "one frame at a time");
                    let takes = if quality == Rough { self.takes.0 } else { self.takes.1 };
                    self.making = Some((input(now), quality, now + takes, false));
                    self.live.begun(quality, false, now);
                }
                LiveStep::Cancel => {
                    let (of, quality, _, _) = self.making.expect("a frame");
                    self.making = Some((of, quality, now + self.stopping, true));
                    self.cancelled += 1;
                }
                LiveStep::Rest | LiveStep::Wait(_) => {}
            }
        }
    }
}

/// One change every two hundredths of a second from one time to another.
fn painting(from: f64, to: f64) -> impl Fn(f64) -> u32 {
    move |now| ((now.clamp(from, to) - from) * 50.0).round() as u32
}

#[test]
fn a_quick_frame_begins_with_the_first_change_and_a_full_one_follows_when_the_hand_rests() {
    let mut bench = Bench::new(0.1, 0.4);
    bench.run(0.0, 0.3, |_| 0);
    assert_eq!(bench.shown, [(0, Rough, 0.1)]);
    bench.run(0.3, 2.0, |_| 0);
    assert_eq!(bench.shown[1..], [(0, Full, 0.65)]);
    bench.run(2.0, 4.0, |now| u32::from(now >= 3.0));
    assert_eq!(bench.shown[2..], [(1, Rough, 3.1), (1, Full, 3.65)]);
    assert_eq!(bench.cancelled, 0);
}

#[test]
fn while_the_hand_moves_frames_follow_it_and_the_newest_canvas_is_shown_last() {
    let mut bench = Bench::new(0.2, 0.4);
    bench.run(0.0, 4.0, painting(0.0, 3.0));
    let frames = bench.shown.iter().filter(|(.., at)| *at < 3.0).count();
    assert!(frames >= 13, "{frames} frames in three seconds");
    assert_eq!(bench.cancelled, 0, "quick frames are finished");
    let inputs: Vec<u32> = bench.shown.iter().map(|(of, ..)| *of).collect();
    assert!(inputs.is_sorted(), "no older frame after a newer one: {inputs:?}");
    assert_eq!(bench.shown.last().map(|(of, quality, _)| (*of, *quality)), Some((150, Full)));
}

#[test]
fn nothing_is_asked_for_and_nothing_waits_once_the_full_frame_is_shown() {
    let mut bench = Bench::new(0.1, 0.4);
    bench.run(0.0, 2.0, |_| 0);
    assert_eq!(bench.live.advance(&0, 100.0), LiveStep::Rest);
    assert!(bench.live.is_current() && !bench.live.is_making());
    assert_eq!(bench.live.advance(&1, 101.0), LiveStep::Begin(Rough));
}

#[test]
fn the_wait_after_a_change_grows_with_the_time_a_frame_takes() {
    let wait = |takes: f64| {
        let mut bench = Bench::new(takes, takes);
        bench.run(0.0, 3.0 * takes + 5.0, |_| 0);
        match bench.live.advance(&1, 1000.0) {
            LiveStep::Wait(seconds) => seconds,
            LiveStep::Begin(_) => 0.0,
            step => panic!("{step:?}"),
        }
    };
    let waits = [0.1, 1.4, 1.8, 3.0, 60.0].map(wait);
    assert_eq!(waits[..2], [0.0, 0.0], "quick frames do not wait");
    assert!((waits[2] - 0.3).abs() < 0.01 && (waits[3] - 0.5).abs() < 0.01, "{waits:?}");
    assert_eq!(waits[4], 1.0);
}

#[test]
fn the_next_stroke_gives_up_a_slow_frame_at_once_and_what_was_given_up_is_never_shown() {
    let mut bench = Bench::new(4.0, 8.0);
    // The first frames tell how long they take.
    bench.run(0.0, 30.0, |_| 0);
    assert_eq!(bench.shown.len(), 2);
    // A change, a frame of it, and another change while it is being made.
    bench.run(30.0, 33.0, |now| if now < 32.0 { 1 } else { 2 });
    assert_eq!(bench.cancelled, 1);
    bench.run(33.0, 60.0, |_| 2);
    assert_eq!(
        bench.shown[2..].iter().map(|(of, quality, _)| (*of, *quality)).collect::<Vec<_>>(),
        [(2, Rough), (2, Full)]
    );
}

#[test]
fn a_cancelled_frame_that_is_finished_all_the_same_is_not_shown() {
    let mut live = LiveScheduler::default();
    assert_eq!(live.advance(&1, 0.0), LiveStep::Begin(Rough));
    live.begun(Rough, false, 0.0);
    assert_eq!(live.advance(&2, 0.5), LiveStep::Wait(0.5), "how long it takes is not known yet");
    assert_eq!(live.advance(&2, 1.5), LiveStep::Cancel);
    assert_eq!(live.advance(&3, 1.6), LiveStep::Rest, "only one is made at a time");
    assert!(!live.finished(1.7, 1.7));
    assert_eq!(live.advance(&3, 5.0), LiveStep::Begin(Rough));
}

#[test]
fn a_full_frame_is_given_up_where_a_rough_one_is_there_sooner() {
    let mut bench = Bench::new(0.1, 0.45);
    bench.run(0.0, 2.0, |_| 0);
    // Another stroke a tenth of a second after the full frame was begun.
    bench.run(2.0, 2.6, |now| 1 + u32::from(now >= 2.35));
    assert_eq!(bench.cancelled, 1);
    assert_eq!(bench.shown.last().map(|(of, quality, _)| (*of, *quality)), Some((2, Rough)));
}

#[test]
fn frames_of_a_second_follow_a_long_stroke_one_after_the_other() {
    let mut bench = Bench::new(1.0, 3.0);
    bench.run(0.0, 10.0, |_| 0);
    let known = bench.shown.len();
    bench.run(10.0, 20.0, painting(10.0, 20.0));
    assert!(bench.shown.len() - known >= 8, "{:?}", bench.shown);
    assert_eq!(bench.cancelled, 0);
}

#[test]
fn whoever_never_stops_painting_sees_slow_frames_too() {
    let mut bench = Bench::new(2.0, 4.0);
    bench.run(0.0, 15.0, |_| 0);
    let known = bench.shown.len();
    bench.run(15.0, 45.0, painting(15.0, 45.0));
    let frames = bench.shown[known..].len();
    assert!((3..=6).contains(&frames), "{frames} frames in half a minute");
}

#[test]
fn a_frame_that_takes_no_time_needs_no_rough_one() {
    let mut bench = Bench::new(0.05, 0.1);
    bench.run(0.0, 1.0, |_| 0);
    bench.run(1.0, 2.0, |_| 1);
    assert_eq!(bench.shown.last().map(|(of, quality, _)| (*of, *quality)), Some((1, Full)));
    assert_eq!(bench.shown.len(), 3);
}

#[test]
fn full_frames_that_take_no_time_follow_a_long_stroke() {
    let mut bench = Bench::new(0.1, 0.2);
    bench.run(0.0, 1.0, |_| 0);
    let known = bench.shown.len();
    bench.run(1.0, 4.0, painting(1.0, 4.0));
    let frames = &bench.shown[known..];
    assert!(frames.len() >= 13 && frames.iter().all(|(_, quality, _)| *quality == Full), "{frames:?}");
    assert_eq!(bench.cancelled, 0);
}

#[test]
fn rough_frames_become_as_large_as_the_machine_can_make_them_in_time() {
    let run = |whole: f64| {
        let mut live = LiveScheduler::default();
        let (mut now, mut takes) = (0.0, Vec::new());
        for input in 0..30 {
            assert!(!matches!(live.advance(&input, now), LiveStep::Rest | LiveStep::Cancel));
            let seconds = whole * live.rough_size().pixels();
            live.begun(Rough, true, now);
            now += seconds;
            assert!(live.finished(seconds, now));
            takes.push(seconds);
        }
        (live.rough_size(), takes)
    };
    let (slow, takes) = run(1.0);
    assert!(takes[10..].iter().all(|seconds| *seconds < 0.3), "{takes:?}");
    let (fast, _) = run(0.2);
    assert_eq!(fast, LiveSize::WHOLE);
    assert!(slow < fast && run(30.0).0 == LiveSize::SMALLEST);
    // A masked frame takes as long as it takes: its size is fixed.
    let mut live = LiveScheduler::default();
    assert_eq!(live.advance(&0, 0.0), LiveStep::Begin(Rough));
    live.begun(Rough, false, 0.0);
    assert!(live.finished(9.0, 9.0));
    assert_eq!(live.rough_size(), LiveSize::default());
}

#[test]
fn what_comes_first_interrupts_a_frame_which_is_made_again_afterwards() {
    let mut live = LiveScheduler::default();
    assert_eq!(live.advance(&1, 0.0), LiveStep::Begin(Rough));
    live.begun(Rough, false, 0.0);
    assert!(live.interrupt());
    assert!(!live.interrupt(), "it is told once");
    live.dropped();
    assert_eq!(live.advance(&1, 9.0), LiveStep::Begin(Rough));
}

#[test]
fn nothing_of_another_canvas_counts() {
    let mut bench = Bench::new(0.1, 0.4);
    bench.run(0.0, 2.0, |_| 0);
    bench.live.forget();
    assert!(!bench.live.interrupt());
    assert_eq!(bench.live.advance(&0, 2.0), LiveStep::Begin(Rough));
}
