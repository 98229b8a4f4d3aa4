//! Model files: checkpoints, diffusers folders, LoRAs and textual inversions, read tensor by tensor.

pub(in crate::diffusion) mod checkpoint;
pub(in crate::diffusion) mod embedding;
pub(in crate::diffusion) mod lora;
pub(in crate::diffusion) mod part;
pub(in crate::diffusion) mod source;
pub(in crate::diffusion) mod tensor_file;
