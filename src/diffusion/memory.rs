//! Estimates of memory, checked before work begins, so that too little gives a sentence and not a crash.
//!
//! They are about this machine's memory. A graphics card has its own, whose size is not known here.

use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::model_files::Numbers;
use crate::diffusion::networks::layers::StripSize;
use crate::engine::{Error, TiledVae};
use crate::kernels::Precision;
use crate::kernels::memory::release;

const MB: u64 = 1 << 20;

/// Bytes of a model's packed weights in this precision.
///
/// Weights packed for Winograd's algorithm hold 16 numbers for nine: nearly all of the autoencoder's, some of
/// the UNet's. In half precision some of these hold 36 numbers in f32, which takes a ninth more of the UNet, and of the
/// autoencoder four tenths. The text encoder takes half precision there and f32 elsewhere.
pub(super) fn packed_model(numbers: Numbers, precision: Precision) -> u64 {
    let (unet, vae) = (numbers.unet * 5 / 4, numbers.vae * 16 / 9);
    match precision {
        Precision::F32 => 4 * (unet + vae + numbers.text),
        Precision::F16 => 2 * (unet + unet / 9 + vae + vae * 2 / 5 + numbers.text),
        Precision::Bf16 => 2 * (unet + vae) + 4 * numbers.text,
    }
}

/// Bytes that decoding a picture takes at its peak, for an autoencoder with `widest` channels at full
/// resolution.
///
/// Measured with Stable Diffusion 1.5's autoencoder in f32, beyond what the loaded model takes: 0.96 GB at 512
/// by 512 pixels, 1.93 GB at 768 by 768 and 2.93 GB at 1024 by 1024, which is five planes (tensors of full
/// resolution and width) and 0.3 GB. Convolutions that are split to be cancelled take a sixth plane. This is
/// one plane more, and as much as the allocator keeps.
pub(super) fn decoding(width: usize, height: usize, widest: u64) -> u64 {
    const PLANES: u64 = 7;
    const KEPT: u64 = 512 * MB;
    (width * height) as u64 * 4 * widest * PLANES + KEPT
}

/// Bytes that decoding a picture in tiles takes at its peak.
///
/// One plane is kept between the residual blocks, and half a plane of the level below while the first block of the
/// full size reads it. A block works on six tensors of a tile's size.
pub(super) fn decoding_tiled(width: usize, height: usize, widest: u64) -> u64 {
    const TENSORS: u64 = 8;
    const KEPT: u64 = 256 * MB;
    let plane = (width * height) as u64 * 4 * widest;
    plane * 3 / 2 + TENSORS * 4 * StripSize::default().0 as u64 + KEPT
}

/// Whether the autoencoder works on a picture of this size in tiles; `free` bytes are available (0: unknown).
/// `None` takes the whole picture at once.
///
/// # Errors
/// [`Error::Memory`] with both numbers where it would not fit into this machine's memory.
pub(super) fn tiles(
    choice: TiledVae,
    (width, height): (usize, usize),
    widest: u64,
    device: &ComputeDevice,
    free: u64,
) -> Result<Option<StripSize>, Error> {
    let always = (choice == TiledVae::On).then(StripSize::default);
    if !device.is_processor() {
        return Ok(always);
    }
    const WHAT: &str = "A picture of this size";
    let tiled = || enough(WHAT, decoding_tiled(width, height, widest), free, SMALLER);
    let whole = decoding(width, height, widest);
    match choice {
        TiledVae::On => tiled()?,
        TiledVae::Off => {
            let advice = "set the tiled VAE to auto, choose a smaller width and height, or close other programs";
            enough(WHAT, whole, free, advice)?;
        }
        TiledVae::Auto if free == 0 || whole <= free => {}
        TiledVae::Auto => {
            tiled()?;
            return Ok(Some(StripSize::default()));
        }
    }
    Ok(always)
}

/// What to do where a picture does not fit.
const SMALLER: &str = "choose a smaller width and height, or close other programs";

/// Refuses where `need` bytes are more than the `free` ones. A system that does not say how many are free
/// (0) is trusted.
///
/// # Errors
/// [`Error::Memory`] with both numbers.
pub(super) fn enough(what: &'static str, need: u64, free: u64, advice: &'static str) -> Result<(), Error> {
    if free > 0 && need > free {
        return Err(Error::Memory { what, need_mb: need.div_ceil(MB), free_mb: free / MB, advice });
    }
    Ok(())
}

/// Bytes that the system has available once the blocks that are kept for reuse are given back; 0 where it does
/// not say.
pub(super) fn free() -> u64 {
    release();
    available()
}

/// As [`free`], where it is only to be known whether `need` bytes are: blocks are given back only if that may make a difference, so
/// that frames of live painting go on with those of the previous one.
pub(super) fn free_for(need: u64) -> u64 {
    match available() {
        available if available >= need => available,
        _ => free(),
    }
}

/// Bytes that the system has available now; 0 where it does not say.
pub(super) fn available() -> u64 {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    system.available_memory()
}

/// Bytes that loaded models may take together: half of this machine's memory. Where the system does not say how much
/// there is, only the model in use is kept.
pub(super) fn model_budget() -> u64 {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    system.total_memory() / 2
}

/// Where a new model fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Beside the loaded model, which stays usable if loading fails.
    Beside,
    /// Only once the loaded model is freed.
    Instead,
    /// Not even then.
    Nowhere,
}

/// Where a model of `need` bytes fits when `free` bytes are available (0: unknown) and the loaded model
/// holds `held`.
pub(super) fn room(need: u64, free: u64, held: u64) -> Room {
    if free == 0 || need <= free {
        Room::Beside
    } else if need <= free + held {
        Room::Instead
    } else {
        Room::Nowhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_memory_is_refused_with_both_numbers() {
        let text = enough("This model", 3000 * MB, 2000 * MB, "close other programs").expect_err("refused").to_string();
        assert_eq!(text, "This model needs about 3000 MB of memory and 2000 MB are free; close other programs.");
        enough("This model", 3000 * MB, 4000 * MB, "").expect("fits");
        enough("This model", 3000 * MB, 0, "").expect("unknown");
    }

    #[test]
    fn a_loaded_model_makes_room_only_where_both_do_not_fit() {
        assert_eq!(room(3, 4, 2), Room::Beside);
        assert_eq!(room(4, 4, 2), Room::Beside);
        assert_eq!(room(5, 4, 2), Room::Instead);
        assert_eq!(room(6, 4, 2), Room::Instead);
        assert_eq!(room(7, 4, 2), Room::Nowhere);
        assert_eq!(room(7, 4, 0), Room::Nowhere);
        assert_eq!(room(u64::MAX / 2, 0, 0), Room::Beside);
    }

    #[test]
    fn decoding_needs_a_little_more_than_was_measured() {
        for (side, measured) in [(512, 960_000_000), (768, 1_930_000_000), (1024, 2_930_000_000)] {
            let need = decoding(side, side, 128);
            assert!(need > measured && need < measured * 8 / 5, "{side}: {need}");
        }
        assert_eq!(decoding(1024, 1024, 128) / 1_000_000, 4294);
    }

    #[test]
    fn tiles_are_used_where_the_whole_picture_does_not_fit() {
        let processor = ComputeDevice::new(crate::engine::DeviceChoice::Cpu, crate::engine::Dtype::F32).expect("cpu");
        let used = |choice, side, free| tiles(choice, (side, side), 128, &processor, free).map(|size| size.is_some());
        let [whole, tiled] = [decoding(1024, 1024, 128), decoding_tiled(1024, 1024, 128)];
        assert!(tiled < whole / 2);
        for free in [0, whole, u64::MAX] {
            assert!(!used(TiledVae::Auto, 1024, free).expect("fits"), "{free}");
            assert!(used(TiledVae::On, 1024, free).expect("fits"), "{free}");
        }
        for free in [tiled, whole - 1] {
            assert!(used(TiledVae::Auto, 1024, free).expect("fits"), "{free}");
            let text = used(TiledVae::Off, 1024, free).expect_err("refused").to_string();
            assert!(text.contains("4096 MB") && text.contains("tiled VAE to auto"), "{text}");
        }
        for choice in TiledVae::ALL {
            used(choice, 1024, tiled - 1).expect_err("refused");
            used(choice, 1 << 24, 1 << 40).expect_err("no machine could decode it");
        }
    }

    #[test]
    fn stable_diffusion_takes_what_its_weights_take_packed() {
        // 860 million weights in the UNet, 84 in the autoencoder, 123 in the text encoder.
        let numbers = Numbers { unet: 860_000_000, vae: 84_000_000, text: 123_000_000 };
        assert_eq!(packed_model(numbers, Precision::F32) / 1_000_000, 5389);
        assert_eq!(packed_model(numbers, Precision::Bf16) / 1_000_000, 2940);
    }
}
