//! Model files: checkpoints, diffusers folders, LoRAs and textual inversions, read tensor by tensor.

pub(in crate::diffusion) mod adapter;
pub(in crate::diffusion) mod checkpoint;
pub(in crate::diffusion) mod container;
pub(in crate::diffusion) mod control;
pub(in crate::diffusion) mod embedding;
mod float8;
pub(in crate::diffusion) mod inspect;
pub(in crate::diffusion) mod kind;
pub(in crate::diffusion) mod lora;
pub(in crate::diffusion) mod part;
pub(in crate::diffusion) mod source;
pub(in crate::diffusion) mod tensor_file;
pub(in crate::diffusion) mod upscaler;
