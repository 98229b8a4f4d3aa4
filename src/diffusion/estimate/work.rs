//! How much work of each kind something is.

use std::iter::Sum;
use std::ops::{Add, Mul};

use crate::kernels::Packed;

/// An amount of work. Multiply-adds are those that are really done: Winograd's algorithm takes four for nine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Work {
    /// Multiply-adds of convolutions by Winograd's algorithm with many weights.
    pub winograd: f64,
    /// Multiply-adds of those with few weights, which half precision computes in larger blocks with fewer products; they
    /// are counted alike all the same.
    pub few_winograd: f64,
    /// Multiply-adds of other convolutions.
    pub direct: f64,
    /// Multiply-adds of linear layers.
    pub linear: f64,
    /// Multiply-adds of attention, whose softmax is counted with them.
    pub attention: f64,
    /// Numbers that norms, activations and copies read or write.
    pub moved: f64,
}

impl Work {
    /// A 3×3 convolution that keeps the size, on `pixels` pixels. Winograd's algorithm is not used below 64 channels,
    /// nor at a UNet's `lowest` level.
    pub fn conv3(from: usize, to: usize, pixels: f64, lowest: bool) -> Self {
        let products = (from * to) as f64 * pixels;
        if from >= 64 && to >= 64 && !lowest {
            let products = 4.0 * products;
            if from * to <= Packed::FEW_WEIGHTS {
                Self { few_winograd: products, ..Self::default() }
            } else {
                Self { winograd: products, ..Self::default() }
            }
        } else {
            Self { direct: 9.0 * products, ..Self::default() }
        }
    }

    /// A convolution with `taps` weights per pair of channels that writes `pixels` pixels.
    pub fn direct(from: usize, to: usize, taps: usize, pixels: f64) -> Self {
        Self { direct: (from * to * taps) as f64 * pixels, ..Self::default() }
    }

    /// A 3×3 convolution after nearest-neighbour upsampling by two; `pixels` counts those of the result. Four products
    /// replace nine, because neighbouring inputs are equal.
    pub fn doubling(width: usize, pixels: f64) -> Self {
        Self::direct(width, width, 4, pixels)
    }

    /// A linear layer on `rows` rows.
    pub fn linear(from: usize, to: usize, rows: f64) -> Self {
        Self { linear: (from * to) as f64 * rows, ..Self::default() }
    }

    /// Attention of `queries` to `keys`, each of `width` numbers over all heads.
    pub fn attention(queries: f64, keys: f64, width: usize) -> Self {
        Self { attention: 2.0 * queries * keys * width as f64, ..Self::default() }
    }

    /// A norm over `channels` channels and `pixels` pixels, which reads them twice and writes them once.
    pub fn norm(channels: usize, pixels: f64) -> Self {
        Self::moved(3, channels, pixels)
    }

    /// Memory traffic: every number is read or written `times` times.
    pub fn moved(times: usize, channels: usize, pixels: f64) -> Self {
        Self { moved: (times * channels) as f64 * pixels, ..Self::default() }
    }

    /// A residual block on `pixels` pixels. `time` is the width of the time embedding, which is projected once for the
    /// whole batch.
    pub fn residual(from: usize, to: usize, pixels: f64, time: Option<usize>, lowest: bool) -> Self {
        let shortcut = if from == to { Self::default() } else { Self::direct(from, to, 1, pixels) };
        Self::norm(from, pixels)
            + Self::conv3(from, to, pixels, lowest)
            + Self::norm(to, pixels)
            + Self::conv3(to, to, pixels, lowest)
            + Self::moved(3, to, pixels)
            + shortcut
            + time.map_or(Self::default(), |time| Self::linear(time, to, 1.0))
    }
}

impl Add for Work {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            winograd: self.winograd + other.winograd,
            few_winograd: self.few_winograd + other.few_winograd,
            direct: self.direct + other.direct,
            linear: self.linear + other.linear,
            attention: self.attention + other.attention,
            moved: self.moved + other.moved,
        }
    }
}

impl Mul<f64> for Work {
    type Output = Self;

    fn mul(self, by: f64) -> Self {
        Self {
            winograd: self.winograd * by,
            few_winograd: self.few_winograd * by,
            direct: self.direct * by,
            linear: self.linear * by,
            attention: self.attention * by,
            moved: self.moved * by,
        }
    }
}

impl Sum for Work {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Self::add)
    }
}
