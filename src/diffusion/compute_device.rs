//! Where the arithmetic runs: this machine's processor, or a graphics card through candle.

use std::panic::{AssertUnwindSafe, catch_unwind};

use candle_core::{DType, Device};

use crate::engine::{DeviceChoice, Dtype, Error};
use crate::kernels::Precision;

impl DeviceChoice {
    /// What this build and machine offer, the automatic choice first.
    pub fn available() -> Vec<Self> {
        let cards = (0..8).map(Self::Cuda).take_while(|card| card.open().is_ok());
        let metal = Some(Self::Metal).filter(|metal| metal.open().is_ok());
        [Self::Auto, Self::Cpu].into_iter().chain(cards).chain(metal).collect()
    }

    /// The device itself.
    ///
    /// # Errors
    /// A card that is not there, or that this build has no support for.
    pub(super) fn open(self) -> Result<Device, Error> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto => Ok(Self::Cuda(0).open().or_else(|_| Self::Metal.open()).unwrap_or(Device::Cpu)),
            Self::Cuda(number) => {
                open_card(&format!("NVIDIA card {number}"), "cuda", cfg!(feature = "cuda"), || Device::new_cuda(number))
            }
            Self::Metal => {
                open_card("Apple graphics (Metal)", "metal", cfg!(feature = "metal"), || Device::new_metal(0))
            }
        }
    }
}

/// Opens a card. Where no driver or no card is there, the libraries for cards panic instead of returning an
/// error; that becomes the same sentence.
fn open_card(
    card: &str,
    feature: &str,
    built: bool,
    open: impl FnOnce() -> candle_core::Result<Device>,
) -> Result<Device, Error> {
    if !built {
        return Err(Error::Setting(format!(
            "This build cannot use the {card}; choose the device cpu, or build with --features {feature}."
        )));
    }
    // Nothing is left half changed: a device that was not opened is not used.
    let reason = match catch_unwind(AssertUnwindSafe(open)) {
        Ok(Ok(device)) => return Ok(device),
        Ok(Err(error)) => super::error::first_line(&error),
        Err(_) => "its driver could not be loaded".into(),
    };
    tracing::warn!("{card}: {reason}");
    Err(Error::Setting(format!("The {card} cannot be used ({reason}); choose another device, such as cpu.")))
}

/// A device, and the number format of weights there.
#[derive(Clone, Debug)]
pub(super) struct ComputeDevice {
    pub candle: Device,
    dtype: Dtype,
}

impl ComputeDevice {
    /// Opens a device.
    ///
    /// # Errors
    /// A card that is not there, or that this build has no support for.
    pub fn new(choice: DeviceChoice, dtype: Dtype) -> Result<Self, Error> {
        Ok(Self { candle: choice.open()?, dtype })
    }

    /// Whether the arithmetic runs on the processor, and tensors are in this machine's memory.
    pub fn is_processor(&self) -> bool {
        self.candle.is_cpu()
    }

    /// The number format that weights are kept and multiplied in.
    pub fn dtype(&self) -> DType {
        match self.dtype {
            _ if self.is_processor() => self.dtype.candle(),
            // The range of f16 is too small for Stable Diffusion's autoencoder.
            Dtype::Bf16 | Dtype::F16 => DType::BF16,
            Dtype::Auto if self.candle.is_cuda() => DType::BF16,
            Dtype::Auto | Dtype::F32 => DType::F32,
        }
    }

    /// The number format of weights that are multiplied in f32 in any case, because they are little work and much depends
    /// on them: half precision, which most files have, where the kernels widen it as they read, f32 elsewhere.
    pub fn weight_dtype(&self) -> DType {
        if self.is_processor() && self.dtype() == DType::F16 { DType::F16 } else { DType::F32 }
    }

    /// The same as the kernels call it.
    pub fn precision(&self) -> Precision {
        match self.dtype() {
            DType::BF16 => Precision::Bf16,
            DType::F16 => Precision::F16,
            _ => Precision::F32,
        }
    }
}

/// Whether an error says that a graphics card's memory ran out.
pub(super) fn is_out_of_memory(error: &Error) -> bool {
    let text = error.to_string().to_lowercase();
    text.contains("out of memory") || text.contains("out_of_memory")
}

/// Says what to do when a graphics card's memory ran out; other errors stay what they are.
pub(super) fn explain_out_of_memory(error: Error) -> Error {
    if is_out_of_memory(&error) {
        return Error::Setting(
            "The graphics card has too little free memory for this; make smaller pictures, close other programs, or choose the device cpu."
                .into(),
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_this_build_lacks_gives_a_sentence_with_what_to_do() {
        assert!(DeviceChoice::Cpu.open().is_ok() && DeviceChoice::Auto.open().is_ok());
        assert_eq!(DeviceChoice::available()[..2], [DeviceChoice::Auto, DeviceChoice::Cpu]);
        let missing = [
            (DeviceChoice::Cuda(0), "NVIDIA card 0", "cuda", cfg!(feature = "cuda")),
            (DeviceChoice::Metal, "Metal", "metal", cfg!(feature = "metal")),
        ];
        for (device, name, feature, built) in missing {
            if !built {
                let text = device.open().map(|_| ()).expect_err("not built in").to_string();
                let advice = format!("--features {feature}");
                assert!(text.contains(name) && text.contains(&advice) && text.contains("device cpu"), "{text}");
                assert!(!text.contains('\n') && !DeviceChoice::available().contains(&device), "{text}");
            }
        }
    }

    #[test]
    fn a_driver_that_panics_or_fails_gives_the_same_sentence() {
        let panics = || -> candle_core::Result<Device> { panic!("no libcuda.so") };
        let fails = || candle_core::bail!("no device\nand a backtrace");
        for text in [open_card("card", "cuda", true, panics), open_card("card", "cuda", true, fails)]
            .map(|opened| opened.map(|_| ()).expect_err("no card").to_string())
        {
            assert!(text.starts_with("The card cannot be used (") && text.contains("choose another device"), "{text}");
            assert!(!text.contains('\n'), "{text}");
        }
    }

    #[test]
    fn only_a_full_card_is_explained() {
        let full = explain_out_of_memory(Error::Tensor("CUDA_ERROR_OUT_OF_MEMORY".into())).to_string();
        assert!(full.contains("smaller pictures"), "{full}");
        assert!(matches!(explain_out_of_memory(Error::Cancelled), Error::Cancelled));
    }
}
