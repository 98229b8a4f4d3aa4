//! Where the arithmetic runs: this machine's processor, or a graphics card through candle.

use candle_core::{DType, Device};

use crate::engine::{DeviceChoice, Dtype, Error};

impl DeviceChoice {
    /// What this build and machine offer, automatic choice first.
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
        let missing = |what: String, feature: &str, built: bool| {
            Error::Setting(if built {
                format!("{what} does not answer; choose another device (--device cpu runs everywhere).")
            } else {
                format!("This build cannot use {what}; build it with --features {feature}, or choose --device cpu.")
            })
        };
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto => Ok(Self::Cuda(0).open().or_else(|_| Self::Metal.open()).unwrap_or(Device::Cpu)),
            Self::Cuda(number) => Device::new_cuda(number)
                .map_err(|_| missing(format!("the NVIDIA card {number}"), "cuda", cfg!(feature = "cuda"))),
            Self::Metal => Device::new_metal(0).map_err(|_| missing("Metal".into(), "metal", cfg!(feature = "metal"))),
        }
    }
}

/// A device, and what to work in there.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub device: Device,
    dtype: Dtype,
}

impl Place {
    pub fn new(choice: DeviceChoice, dtype: Dtype) -> Result<Self, Error> {
        Ok(Self { device: choice.open()?, dtype })
    }

    /// The kind of number that weights are kept and multiplied in.
    pub fn dtype(&self) -> DType {
        match self.dtype {
            _ if self.device.is_cpu() => self.dtype.candle(),
            // The range of f16 is too small for Stable Diffusion's autoencoder.
            Dtype::Bf16 => DType::BF16,
            Dtype::Auto if self.device.is_cuda() => DType::BF16,
            Dtype::Auto | Dtype::F32 => DType::F32,
        }
    }

    /// Bytes that a weight takes in the machine's own memory.
    pub fn bytes(&self) -> u64 {
        self.dtype().size_in_bytes() as u64
    }
}

/// What to say when a card's memory ran out; other errors stay what they are.
pub(super) fn explained(error: Error) -> Error {
    let text = error.to_string().to_lowercase();
    if text.contains("out of memory") || text.contains("out_of_memory") {
        return Error::Setting(
            "The graphics card has too little free memory for this; make smaller pictures, close other programs, or go on with the processor (device cpu)."
                .into(),
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_build_lacks_is_said_with_what_to_do() {
        assert!(DeviceChoice::Cpu.open().is_ok() && DeviceChoice::Auto.open().is_ok());
        if !cfg!(feature = "cuda") {
            let text = DeviceChoice::Cuda(0).open().map(|_| ()).expect_err("not built in").to_string();
            assert!(text.contains("--features cuda") && text.contains("--device cpu"), "{text}");
            assert_eq!(DeviceChoice::available()[..2], [DeviceChoice::Auto, DeviceChoice::Cpu]);
        }
    }
}
