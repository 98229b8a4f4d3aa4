//! Times of the kernels that take the most time, at the shapes of Stable Diffusion 1.5 for one guided 512×512
//! picture: `cargo bench --bench kernels`.

use criterion::{Criterion, criterion_group, criterion_main};
use half::bf16;
use underpaint::kernels::{
    AttentionShape, ConvShape, Edges, Packed, Precision, Weights, attention, conv2d, group_norm, linear, linear_geglu,
};

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919) % 1009) as f32 / 504.5 - 1.0).collect()
}

const PRECISIONS: [Precision; 2] = [Precision::F32, Precision::Bf16];

fn packed(outputs: usize, inputs: usize, taps: usize, precision: Precision) -> Packed {
    let numbers = numbers(outputs * inputs * taps);
    Packed::new(Weights::F32(&numbers), outputs, inputs, taps, precision).expect("the lengths fit")
}

fn convolutions(c: &mut Criterion) {
    let sizes = [(64, 320), (32, 640), (16, 1280), (8, 1280)];
    for (precision, (side, channels)) in PRECISIONS.into_iter().flat_map(|p| sizes.map(|size| (p, size))) {
        let weights = packed(channels, channels, 9, precision);
        let x = numbers(2 * side * side * channels);
        let shape = ConvShape { images: 2, height: side, width: side, kernel: 3, stride: 1, edges: Edges::Even(1) };
        c.bench_function(&format!("{precision:?} 3x3 convolution, 2x{side}x{side}, {channels} channels"), |b| {
            b.iter(|| conv2d(&x, &weights, None, None, &shape));
        });
    }
}

fn products(c: &mut Criterion) {
    let sizes = [(8192, 320, 320), (8192, 320, 2560), (2048, 640, 5120), (512, 1280, 10240)];
    for (precision, (rows, inputs, outputs)) in PRECISIONS.into_iter().flat_map(|p| sizes.map(|size| (p, size))) {
        let weights = packed(outputs, inputs, 1, precision);
        let x = numbers(rows * inputs);
        c.bench_function(&format!("{precision:?} linear layer, {rows} rows, {inputs} to {outputs}"), |b| {
            b.iter(|| linear(&x, &weights, None, None));
        });
    }
}

fn gates(c: &mut Criterion) {
    for (rows, inputs, outputs) in [(8192, 320, 2560), (2048, 640, 5120), (512, 1280, 10240)] {
        let x = numbers(rows * inputs);
        let what = format!("linear layer and gate, {rows} rows, {inputs} to {}", outputs / 2);
        let weights = packed(outputs, inputs, 1, Precision::F32);
        c.bench_function(&format!("F32 {what}"), |b| b.iter(|| linear_geglu::<f32>(&x, &weights, None)));
        let weights = packed(outputs, inputs, 1, Precision::Bf16);
        c.bench_function(&format!("Bf16 {what}"), |b| b.iter(|| linear_geglu::<bf16>(&x, &weights, None)));
    }
}

fn attentions(c: &mut Criterion) {
    for (depth, queries, keys) in [(40, 4096, 4096), (40, 4096, 77), (80, 1024, 1024)] {
        let shape = AttentionShape { batch: 2, heads: 8, depth, queries, keys };
        let (q, k) = (numbers(2 * queries * 8 * depth), numbers(2 * keys * 8 * depth));
        let what = format!("attention, {queries} queries, {keys} keys, 8 heads of {depth}");
        c.bench_function(&format!("F32 {what}"), |b| b.iter(|| attention::<f32>(&q, &k, &k, &shape)));
        c.bench_function(&format!("Bf16 {what}"), |b| b.iter(|| attention::<bf16>(&q, &k, &k, &shape)));
    }
}

fn norms(c: &mut Criterion) {
    let (x, gain) = (numbers(2 * 4096 * 320), numbers(320));
    c.bench_function("group norm and SiLU, 2x64x64, 320 channels", |b| {
        b.iter(|| group_norm::<f32>(&x, 2, 32, &gain, &gain, 1e-5, true));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = convolutions, products, gates, attentions, norms
}
criterion_main!(benches);
