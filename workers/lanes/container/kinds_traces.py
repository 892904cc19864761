"""Findings about text and traces of programs."""

from __future__ import annotations

from workers.lanes.container.kinds import JPEG, PICTURES, PNG, TIFF, WEBP, Kind

TRACES = (
    Kind(
        "generator_parameters",
        (0.9,),
        "The file holds the parameters with which {maker} made it.",
        "Text that stable-diffusion-webui, InvokeAI, Fooocus, NovelAI and Midjourney"
        " write into their pictures",
    ),
    Kind(
        "generator_workflow",
        (0.9,),
        "The file holds the node graph of an image generator (ComfyUI).",
        "ComfyUI, PNG text and EXIF Make, Model: `prompt` and `workflow`",
    ),
    Kind(
        "generator_name",
        (0.9,),
        "The file's metadata names an image generator ({name}).",
        "EXIF 3.0 Software, XMP CreatorTool, PNG text chunks",
    ),
    Kind(
        "generator_hidden_settings",
        (0.9,),
        "The lowest bits of the {where} hold settings that an image generator"
        " (NovelAI and tools after it) hides there.",
        "NovelAI image metadata, mark `stealth_pnginfo`",
        (*PNG, *TIFF, *WEBP),
    ),
    Kind(
        "digital_source_type",
        (0.9, 0.7, 0.5, 0.25),
        "The file's metadata declares its source type as {term}.",
        "IPTC NewsCodes, Digital Source Type (2024-10-23)",
    ),
    Kind(
        "ai_system_used",
        (0.9,),
        "The file's metadata has a field that names the AI system or prompt used, and"
        " it is filled in.",
        "IPTC Photo Metadata Standard 2025.1, AI System Used",
    ),
    Kind(
        "aigc_label",
        (0.9, 0.7, 0.5),
        "The file carries the Chinese label of generated content: it {meaning}.",
        "GB 45438-2025, implicit label `AIGC` in metadata",
    ),
    Kind(
        "editor_name",
        (0.25,),
        "The file was saved by picture-editing software ({name}).",
        "EXIF 3.0 Software, XMP CreatorTool, PNG text chunks; 8 % of genuine films",
    ),
    Kind(
        "generator_size",
        (0.1,),
        "{columns} x {rows} is a preset size of image generators; many honest pictures"
        " have it, too.",
        "Presets of public generators; half of the genuine films at hand have one",
        PICTURES,
    ),
    Kind(
        "generator_layout",
        (0.1,),
        "A colour PNG of a generator's preset size that holds nothing but the picture,"
        " as generators' output does once its credentials are removed; programs in"
        " Python write the same.",
        "PNG of GPT-4o, gpt-image and DALL-E: IHDR, caBX, IDAT of 65,536 bytes, IEND",
        PNG,
    ),
    Kind(
        "credentials_block",
        (0.0,),
        "The file holds a block of content credentials; see provenance.",
        "C2PA specification 2.1, Annex A",
        (*PNG, *JPEG, *WEBP),
    ),
    Kind(
        "credentials_elsewhere",
        (0.1,),
        "The file's XMP points at content credentials outside the file, which are not"
        " looked up.",
        "C2PA specification 2.1, 11.4: dcterms:provenance",
        PICTURES,
    ),
    Kind(
        "credentials_remains",
        (0.25,),
        "The file's XMP still names content credentials, but the file holds none: they"
        " were removed.",
        "C2PA specification 2.1, Annex A; absence of a manifest in the same file",
        PICTURES,
    ),
    Kind(
        "script_in_text",
        (0.6,),
        "The file's text holds code that a browser or web server would run.",
        "PHP and HTML start tags in text no picture program writes",
        PICTURES,
    ),
    Kind(
        "screenshot",
        (0.25,),
        "The file's metadata says that it is a screenshot.",
        "EXIF UserComment as Apple's systems write it",
        PICTURES,
    ),
    Kind(
        "camera_exposure",
        (0.25,),
        "The file holds the exposure data of a camera: it is a photograph, perhaps of a"
        " film or a screen.",
        "EXIF 3.0, 4.6.5: exposure time, f-number, focal length, sensitivity, flash",
        PICTURES,
    ),
    Kind(
        "exif_place",
        (0.1,),
        "The file says where on earth it was taken, as telephones do.",
        "EXIF 3.0, 4.6.6: GPS IFD",
        PICTURES,
    ),
    Kind(
        "photoshop_save",
        (0.25,),
        "The file holds the quality that was chosen when it was saved in Photoshop.",
        "Adobe Photoshop file formats: image resource 1030; APP12 `Ducky`",
        JPEG,
    ),
    Kind(
        "jpeg_library",
        (0.1,),
        "A comment in the file names the program library that wrote it ({name}); web"
        " services and converters do so.",
        "JPEG comment (COM, ITU-T T.81 B.2.4.5)",
        JPEG,
    ),
    Kind(
        "png_program_chunk",
        (0.1,),
        "The file holds a block of its own of {program}.",
        "Private PNG chunks of known writers (ExifTool, PNG tags)",
        PNG,
    ),
    Kind(
        "tiff_layers",
        (0.25,),
        "The file holds the layers of a picture editor.",
        "Adobe Photoshop TIFF technical notes: tag 37724",
        TIFF,
    ),
    Kind(
        "xmp_history",
        (0.25,),
        "The file's XMP lists {count} steps of editing.",
        "XMP specification part 2, xmpMM:History",
        PICTURES,
    ),
)
