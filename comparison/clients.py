"""Checks `underpaint serve` with client libraries written by others.

    pip install webuiapi==0.9.17 sd-backend-client==0.5.0
    underpaint serve --listen 127.0.0.1:7861 &
    python clients.py 127.0.0.1 7861
"""

import sys
import threading
import time

import webuiapi
from PIL import Image, ImageDraw

host, port = sys.argv[1], int(sys.argv[2])
small = dict(width=64, height=64, steps=3, seed=5)
sketch = Image.new("RGB", (64, 64), "white")
ImageDraw.Draw(sketch).ellipse((10, 10, 54, 54), fill=(90, 160, 40))
mask = Image.new("L", (64, 64), 0)
ImageDraw.Draw(mask).rectangle((0, 0, 31, 63), fill=255)


def check(what, is_so):
    print(("ok   " if is_so else "FAIL ") + what)
    if not is_so:
        sys.exit(1)


def with_webuiapi():
    api = webuiapi.WebUIApi(host=host, port=port)
    result = api.txt2img(prompt="a green apple", negative_prompt="blurry", cfg_scale=5, sampler_name="Euler a", batch_size=2, **small)
    check("webuiapi: txt2img", len(result.images) == 2 and result.image.size == (64, 64))
    check("webuiapi: info", result.info["all_seeds"] == [5, 6] and result.parameters["prompt"] == "a green apple")
    check("webuiapi: settings in the picture", "Seed: 5" in result.image.info["parameters"])
    result = api.img2img(images=[sketch], prompt="a green apple", denoising_strength=0.6, **small)
    check("webuiapi: img2img", result.image.size == (64, 64))
    result = api.img2img(images=[sketch], mask_image=mask, mask_blur=0, inpainting_fill=1, inpaint_full_res=False,
                         prompt="a green apple", denoising_strength=0.9, **small)
    kept = all(result.image.getpixel((x, y)) == sketch.getpixel((x, y)) for x in range(32, 64) for y in range(64))
    check("webuiapi: inpainting keeps what is not masked", kept)
    check("webuiapi: png_info", "Seed: 5" in api.png_info(result.image).info)
    for name in ["get_samplers", "get_schedulers", "get_sd_models", "get_sd_vae", "get_loras", "get_embeddings", "get_upscalers",
                 "get_latent_upscale_modes", "get_hypernetworks", "get_face_restorers", "get_realesrgan_models",
                 "get_prompt_styles", "get_options", "get_cmd_flags", "get_memory", "get_scripts", "refresh_checkpoints"]:
        if hasattr(api, name):
            getattr(api, name)()
            check(f"webuiapi: {name}", True)
    names = api.util_get_model_names()
    check("webuiapi: util_get_model_names", "starter" in names)
    api.util_set_model("starter")
    check("webuiapi: util_set_model, util_get_current_model", api.util_get_current_model() == "starter")
    options = api.get_options()
    options["CLIP_stop_at_last_layers"] = 2
    api.set_options(options)
    check("webuiapi: set_options", api.get_options()["CLIP_stop_at_last_layers"] == 2)
    api.set_options({"CLIP_stop_at_last_layers": 1})
    answers = []
    job = threading.Thread(target=lambda: answers.append(
        api.txt2img(prompt="x", width=512, height=512, steps=150, batch_size=8)))
    job.start()
    while api.get_progress()["state"]["sampling_step"] == 0:
        time.sleep(0.05)
    check("webuiapi: get_progress has a preview", bool(api.get_progress()["current_image"]))
    api.interrupt()
    job.join()
    check("webuiapi: interrupt", answers[0].images == [])
    api.util_wait_for_ready()
    check("webuiapi: util_wait_for_ready", True)
    try:
        api.txt2img(prompt="x", sampler_name="Magic", **small)
        check("webuiapi: an unknown sampler is refused", False)
    except RuntimeError as error:
        check("webuiapi: an unknown sampler is refused", "Sampler not found" in str(error))


def with_sd_backend_client():
    from sd_backend_client import A1111Webservice, DiffusionRequestBody, connect_to_backend

    service = connect_to_backend(f"http://{host}:{port}")
    check("sd-backend-client: connect_to_backend", isinstance(service, A1111Webservice))
    capabilities = service.get_capabilities()
    check(f"sd-backend-client: {capabilities}", capabilities.scheduler and capabilities.soft_inpainting)
    for name in ["list_checkpoints", "list_vaes", "list_loras", "list_hypernetworks", "list_samplers", "list_schedulers",
                 "list_upscalers", "list_controlnet_models", "get_soft_inpainting_parameters", "get_styles",
                 "get_script_info", "get_models", "get_config"]:
        check(f"sd-backend-client: {name}, {len(getattr(service, name)())} entries", True)
    fields = dict(prompt="a green apple", sampler="euler_ancestral", scheduler="karras", **small)
    result = service.submit_txt2img(DiffusionRequestBody(**fields)).wait(timeout=120)
    check("sd-backend-client: txt2img", result.images[0].size == (64, 64) and result.seeds == [5])
    result = service.submit_img2img(DiffusionRequestBody(init_images=[sketch], denoising_strength=0.6, **fields)).wait(timeout=120)
    check("sd-backend-client: img2img", result.images[0].size == (64, 64))
    fields = dict(fields, init_images=[sketch], mask=mask, mask_blur=0, denoising_strength=0.9)
    result = service.submit_inpaint(DiffusionRequestBody(**fields)).wait(timeout=120)
    made = result.images[0].convert("RGB")
    kept = all(made.getpixel((x, y)) == sketch.getpixel((x, y)) for x in range(32, 64) for y in range(64))
    check("sd-backend-client: inpainting keeps what is not masked", kept)
    result = service.submit_inpaint(DiffusionRequestBody(soft_inpainting=True, **fields)).wait(timeout=120)
    check("sd-backend-client: soft inpainting", result.images[0].size == (64, 64))
    long = service.submit_txt2img(DiffusionRequestBody(prompt="x", steps=150, width=512, height=512, batch_size=8))
    while not (long.poll().progress or 0) > 0:
        time.sleep(0.05)
    check("sd-backend-client: cancel", long.cancel())


with_webuiapi()
with_sd_backend_client()
