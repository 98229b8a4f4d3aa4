//! A stroke: pen samples joined into one mark.
//!
//! A sample goes through these steps, each of which depends on the samples alone, so that a stroke is the same however
//! its samples are split into frames:
//!
//! 1. `stabilizer.rs` moves it where a steady hand would have been.
//! 2. `motion.rs` adds how fast the pen moves.
//! 3. A brush that is the same all along is swept from place to place (`sweep.rs`); `trail.rs` places dabs of any other
//!    brush (`dab.rs`).
//! 4. `symmetry.rs` mirrors them.
//! 5. `lay.rs` raises the coverage of the stroke's pixels (`coverage.rs`) and mixes the colour into them. A smudge reads
//!    and writes pixels itself (`smudge.rs`).
//!
//! A pixel becomes the one from before the stroke, mixed with the colour by its coverage. A stroke that crosses itself
//! therefore does not darken by more than its opacity (the "wash" mode of Krita and MyPaint).

mod coverage;
mod dab;
mod ground;
mod lay;
mod mark;
mod motion;
mod plan;
mod smudge;
mod sweep;
mod trail;

pub use plan::{AssumedPressure, StrokePlan};

use super::brush::{BrushAction, Falloff, GrainTile};
use super::stabilizer::Follower;
use super::symmetry::Mirror;
use super::tile::TilePlace;
use super::{Brush, LayerEdit, LayerId, Mixing, PenSample, PixelRect, Size, Surface};
use coverage::CoverageMap;
use dab::{Dab, snapped};
use ground::Ground;
use lay::{Ink, lay};
use motion::Motion;
use smudge::Smudge;
use sweep::Sweep;
use trail::{PathPoint, Trail};

/// Places further away from the canvas than this many pixels count as this far away.
const FARTHEST: f32 = 16_384.0;

/// A stroke in progress over a surface of fixed size.
///
/// Coordinates are pixels of the surface; the centre of the first pixel lies at (0.5, 0.5). Places outside the surface
/// are allowed and paint what reaches in.
pub struct Stroke {
    brush: Brush,
    follower: Follower,
    pressure: AssumedPressure,
    mirrors: &'static [Mirror],
    ink: Ink,
    /// The surface before the stroke. It shares every tile that the stroke has not touched.
    before: Surface,
    /// Everything that can have changed.
    touched: Option<PixelRect>,
    way: Way,
    /// Where the stroke went, if its end has to be painted again when it is known.
    points: Option<Vec<PathPoint>>,
}

/// How far a stroke is.
struct Way {
    motion: Motion,
    trail: Trail,
    last: Option<PathPoint>,
    /// How long it is, in pixels.
    length: f32,
    coverage: CoverageMap,
    /// What the tip carries at each of its mirrored places.
    smudges: Vec<Smudge>,
}

impl Way {
    fn new(brush: &Brush, mirrors: &[Mirror], size: Size) -> Self {
        let smudge = || Smudge::new(brush);
        let smudges =
            if brush.action == BrushAction::Smudge { mirrors.iter().map(|_| smudge()).collect() } else { vec![] };
        let coverage = CoverageMap::new(size);
        Self { motion: Motion::default(), trail: Trail::default(), last: None, length: 0.0, coverage, smudges }
    }
}

impl Stroke {
    /// Starts a stroke and leaves its first dab. The brush's colour counts only where `mixing` names none.
    pub fn begin(plan: impl Into<StrokePlan>, mixing: Mixing, surface: &mut Surface, sample: PenSample) -> Self {
        let StrokePlan { brush, stabilizer, symmetry, mut pressure } = plan.into();
        let brush = brush.in_range();
        let ends_thin = pressure.taper > 0.0 && pressure.taper.is_finite() && brush.dynamics.use_pressure();
        pressure.taper = if ends_thin { pressure.taper.min(FARTHEST) } else { 0.0 };
        let mirrors = symmetry.mirrors();
        let grain = GrainTile::new(brush.grain, brush.grain_strength);
        let mut stroke = Self {
            follower: Follower::new(stabilizer),
            pressure,
            mirrors,
            ink: Ink { mixing, opacity: brush.opacity, grain },
            before: surface.clone(),
            touched: None,
            way: Way::new(&brush, mirrors, surface.size()),
            points: ends_thin.then(Vec::new),
            brush,
        };
        stroke.move_to(surface, sample);
        stroke
    }

    /// Leads the brush on to a sample; returns where that can have changed pixels.
    ///
    /// Nothing happens if a number of the sample is not finite, or if the surface is not of the size that the stroke was
    /// begun on.
    pub fn move_to(&mut self, surface: &mut Surface, sample: PenSample) -> Option<PixelRect> {
        if self.before.size() != surface.size() {
            return None;
        }
        let sample = usable(sample)?;
        let mut samples = Vec::new();
        self.follower.to(sample, |sample| samples.push(sample));
        self.go_along(surface, samples)
    }

    /// Whether samples are wanted while the pen rests, because the stroke goes on with time.
    pub fn goes_on_at_rest(&self) -> bool {
        self.brush.paints_at_rest() || self.follower.catches_up()
    }

    /// The pen was lifted: the stroke goes on to where it was, and gets its thin end. Returns where that can have changed
    /// pixels.
    pub fn lift(&mut self, surface: &mut Surface) -> Option<PixelRect> {
        if self.before.size() != surface.size() {
            return None;
        }
        let mut samples = Vec::new();
        self.follower.lift(|sample| samples.push(sample));
        let changed = self.go_along(surface, samples);
        union(changed, self.taper(surface))
    }

    /// The rectangle around everything that can have changed so far.
    pub fn touched(&self) -> Option<PixelRect> {
        self.touched
    }

    /// Ends the stroke; returns the edit that takes it back, `None` if it changed nothing. The surface must be the one
    /// that was painted on, that of this layer.
    pub fn end(self, layer: LayerId, surface: &mut Surface) -> Option<LayerEdit> {
        let touched = self.touched?;
        surface.prune(touched);
        LayerEdit::back_to(layer, &self.before, surface, touched)
    }

    /// Leads the brush on along samples that are steady already.
    fn go_along(&mut self, surface: &mut Surface, samples: Vec<PenSample>) -> Option<PixelRect> {
        samples.into_iter().fold(None, |changed, sample| union(changed, self.go_to(surface, sample)))
    }

    fn go_to(&mut self, surface: &mut Surface, sample: PenSample) -> Option<PixelRect> {
        let mut point = self.way.motion.to(sample);
        if self.pressure.from_speed {
            point.pen.pressure = 1.0 - point.pen.speed;
        }
        if let Some(points) = &mut self.points {
            points.push(point);
        }
        self.paint_to(surface, point, f32::INFINITY)
    }

    /// Paints the stroke again with less and less pressure towards its end.
    fn taper(&mut self, surface: &mut Surface) -> Option<PixelRect> {
        let points = self.points.take()?;
        let whole = self.way.length;
        if whole < 1.0 {
            // A dot has no ends.
            self.pressure.taper = 0.0;
        }
        for tile in self.touched.into_iter().flat_map(TilePlace::touched_by) {
            surface.set_tile(tile, self.before.tile(tile).cloned());
        }
        self.way = Way::new(&self.brush, self.mirrors, surface.size());
        for point in points {
            self.paint_to(surface, point, whole);
        }
        self.touched
    }

    /// Paints on to a point of the way. `whole` is how long the stroke will be, in pixels.
    fn paint_to(&mut self, surface: &mut Surface, point: PathPoint, whole: f32) -> Option<PixelRect> {
        let taper = self.pressure.taper;
        if taper <= 0.0 {
            return self.paint_piece(surface, point);
        }
        let from = self.way.last.unwrap_or(point);
        let step = distance((from.x, from.y), (point.x, point.y));
        let start = self.way.length;
        let mut changed = None;
        // Where the thin ends begin is on the way, so that it does not depend on how far apart the samples are.
        let cuts = [taper.min(whole / 2.0), (whole - taper).max(whole / 2.0)];
        let shares = cuts.map(|cut| (cut - start) / step).into_iter().filter(|share| *share > 0.0 && *share < 1.0);
        for share in shares.chain([1.0]) {
            let mut piece = if share < 1.0 { from.toward(&point, share) } else { point };
            let length = start + step * share;
            piece.pen.pressure *= (length.min((whole - length).max(0.0)) / taper).clamp(0.0, 1.0);
            changed = union(changed, self.paint_piece(surface, piece));
        }
        // The way goes on from the point as the pen was there.
        self.way.last = Some(point);
        changed
    }

    /// Paints on to a point of the way.
    fn paint_piece(&mut self, surface: &mut Surface, point: PathPoint) -> Option<PixelRect> {
        let Self { brush, mirrors, ink, before, way, .. } = self;
        let last = way.last.replace(point);
        let from = last.unwrap_or(point);
        let (from, to) = ((from.x, from.y), (point.x, point.y));
        way.length += distance(from, to);
        let size = before.size();
        let ground = &mut Ground::new(surface, before);
        let Way { trail, coverage, smudges, .. } = way;
        if brush.is_swept() {
            for mirror in *mirrors {
                for sweep in sweeps(brush, mirror.place(from, size), mirror.place(to, size), last.is_some()) {
                    lay(&sweep, coverage, ground, ink);
                }
            }
        } else {
            trail.to(brush, point, |at| {
                let dab = Dab::new(brush, (at.x, at.y), &at.pen);
                for (number, mirror) in mirrors.iter().enumerate() {
                    let dab = dab.mirrored(mirror.place((dab.x, dab.y), size), mirror.flips());
                    match smudges.get_mut(number) {
                        Some(smudge) => smudge.dab(&dab, ink, ground),
                        None => lay(&dab, coverage, ground, ink),
                    }
                }
            });
        }
        let changed = ground.touched;
        self.touched = union(self.touched, changed);
        changed
    }
}

/// The smallest rectangle that holds both.
fn union(one: Option<PixelRect>, other: Option<PixelRect>) -> Option<PixelRect> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.union(other)),
        (one, other) => one.or(other),
    }
}

/// The ways that a swept brush is led along from one place to another: one, or one for each pixel of a line without
/// antialiasing that is one pixel wide. `goes_on` says whether the stroke has come to `from` before.
fn sweeps(brush: &Brush, from: (f32, f32), to: (f32, f32), goes_on: bool) -> Vec<Sweep> {
    if brush.antialias {
        let sweep = if goes_on { Sweep::going_on } else { Sweep::new };
        return vec![sweep(from, to, Falloff::smooth(brush.size, brush.hardness))];
    }
    let width = brush.size.round();
    let snap = |(x, y): (f32, f32)| (snapped(x, width), snapped(y, width));
    let (from, to) = (snap(from), snap(to));
    let falloff = Falloff::binary(width);
    if width > 1.0 {
        return vec![Sweep::new(from, to, falloff)];
    }
    let along = (to.0 - from.0, to.1 - from.1);
    let steps = along.0.abs().max(along.1.abs()).max(1.0);
    let pixel = |i: usize| {
        let share = i as f32 / steps;
        let at = snap((from.0 + along.0 * share, from.1 + along.1 * share));
        Sweep::new(at, at, falloff)
    };
    (0..=steps as usize).map(pixel).collect()
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).sqrt()
}

/// The sample with every number in its range; `None` if one is not finite.
fn usable(sample: PenSample) -> Option<PenSample> {
    let PenSample { x, y, pressure, tilt, time } = sample;
    let all = [x, y, pressure, tilt.0, tilt.1];
    (all.iter().all(|number| number.is_finite()) && time.is_finite()).then(|| PenSample {
        x: x.clamp(-FARTHEST, FARTHEST),
        y: y.clamp(-FARTHEST, FARTHEST),
        pressure: pressure.clamp(0.0, 1.0),
        tilt: (tilt.0.clamp(-1.0, 1.0), tilt.1.clamp(-1.0, 1.0)),
        time,
    })
}

#[cfg(test)]
mod tests;
