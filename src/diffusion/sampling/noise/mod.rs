//! Reproducible noise from seeds.
//!
//! There are two generators, because seeds that people share were used on one of two kinds of device. Each
//! image has its own generator, so it is the same alone and in a batch.

mod brownian;
mod philox;
mod seed_sequence;
mod twister;

use candle_core::{Device, Result, Tensor};

use crate::engine::Rng;

pub(in crate::diffusion) use brownian::Brownian;
use philox::Philox;
use twister::Twister;

/// Shape of a latent, `[1, channels, height, width]`.
pub(in crate::diffusion) type Shape = (usize, usize, usize, usize);

/// A stream of standard normal numbers.
pub(in crate::diffusion) enum Noise {
    Cuda(Philox),
    Cpu(Box<Twister>),
}

impl Noise {
    pub fn new(rng: Rng, seed: u64) -> Self {
        match rng {
            Rng::Cuda => Self::Cuda(Philox::new(seed)),
            Rng::Cpu => Self::Cpu(Box::new(Twister::new(seed))),
        }
    }

    /// The next tensor of noise; every call moves the stream on.
    pub fn draw(&mut self, shape: Shape) -> Result<Tensor> {
        Tensor::from_vec(self.numbers(shape), shape, &Device::Cpu)
    }

    fn numbers(&mut self, shape: Shape) -> Vec<f32> {
        let count = shape.0 * shape.1 * shape.2 * shape.3;
        match self {
            Self::Cuda(philox) => philox.draw(count),
            Self::Cpu(twister) => twister.draw(count),
        }
    }

    /// The next tensor, interpolated by `strength` (0..=1) towards the first noise of another seed.
    pub fn draw_towards(&mut self, shape: Shape, other: &mut Noise, strength: f32) -> Result<Tensor> {
        let mixed = slerp(&self.numbers(shape), &other.numbers(shape), (shape.1, shape.2, shape.3), strength);
        Tensor::from_vec(mixed, shape, &Device::Cpu)
    }
}

/// Spherical interpolation (Shoemake 1985) of noise `[channels, height, width]`, column by column as
/// the reference does it.
fn slerp(from: &[f32], to: &[f32], (channels, height, width): (usize, usize, usize), by: f32) -> Vec<f32> {
    let by = f64::from(by);
    let columns = |c: usize, x: usize| (0..height).map(move |y| (c * height + y) * width + x);
    let places = || (0..channels).flat_map(|c| (0..width).map(move |x| (c, x)));
    let angle_of = |(c, x): (usize, usize)| {
        let sum = |f: &dyn Fn(usize) -> f64| columns(c, x).map(f).sum::<f64>();
        let (from, to) = (|i: usize| f64::from(from[i]), |i: usize| f64::from(to[i]));
        let lengths = (sum(&|i| from(i) * from(i)) * sum(&|i| to(i) * to(i))).sqrt();
        sum(&|i| from(i) * to(i)) / lengths
    };
    let cosines: Vec<f64> = places().map(angle_of).collect();
    let nearly_same = cosines.iter().sum::<f64>() / cosines.len() as f64 > 0.9995;
    let mut out = vec![0.0; from.len()];
    for (place, cosine) in places().zip(cosines) {
        let (a, b) = if nearly_same {
            (1.0 - by, by)
        } else {
            let omega = cosine.clamp(-1.0, 1.0).acos();
            (((1.0 - by) * omega).sin() / omega.sin(), (by * omega).sin() / omega.sin())
        };
        for i in columns(place.0, place.1) {
            out[i] = (a * f64::from(from[i]) + b * f64::from(to[i])) as f32;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = (1, 4, 64, 64);

    fn draw(noise: &mut Noise) -> Vec<f32> {
        noise.draw(SHAPE).and_then(|t| t.flatten_all()?.to_vec1()).expect("noise")
    }

    #[test]
    fn noise_is_normal_repeats_with_its_seed_and_moves_on() {
        for rng in Rng::ALL {
            let mut noise = Noise::new(rng, 42);
            let first = draw(&mut noise);
            assert_eq!(first, draw(&mut Noise::new(rng, 42)));
            assert_ne!(first, draw(&mut noise));
            assert_ne!(first, draw(&mut Noise::new(rng, 43)));
            let n = first.len() as f32;
            let mean = first.iter().sum::<f32>() / n;
            let variance = first.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
            assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{rng:?}: mean {mean}, variance {variance}");
        }
    }

    #[test]
    fn a_variation_lies_where_the_reference_puts_it() {
        // AUTOMATIC1111's slerp(0.3, low, high) in PyTorch, f64, shape [2, 3, 2].
        let low: Vec<f32> = (0..12).map(|i| ((i * 37) % 19) as f32 / 9.5 - 1.0).collect();
        let high: Vec<f32> = (0..12).map(|i| ((i * 11) % 13) as f32 / 6.5 - 1.0).collect();
        let want = [
            -1.054_627_8,
            0.969_087_2,
            0.701_505_1,
            0.571_909_3,
            0.348_382_46,
            0.174_731_4,
            -0.168_661_6,
            0.439_022_6,
            0.575_205_9,
            0.106_316,
            -0.118_037_32,
            -0.226_390_59,
        ];
        for (got, want) in slerp(&low, &high, (2, 3, 2), 0.3).iter().zip(want) {
            assert!((got - want).abs() < 1e-5, "{got} is not {want}");
        }
    }

    #[test]
    fn a_variation_of_nothing_is_the_noise_itself() {
        let plain = draw(&mut Noise::new(Rng::Cuda, 5));
        let near: Vec<f32> = Noise::new(Rng::Cuda, 5)
            .draw_towards(SHAPE, &mut Noise::new(Rng::Cuda, 6), 0.0)
            .and_then(|t| t.flatten_all()?.to_vec1())
            .expect("noise");
        assert!(plain.iter().zip(near).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
