"""COCO's JSON for object detection, as any tool writes it."""
