"""Colours and the mark: quiet blues, one green, one amber, one red that mean the same on every chart."""

from urllib.parse import quote

INK = "#1f2a37"
BLUE = "#2f6f9f"
SKY = "#8fb8d6"
GREEN = "#3f9b73"
AMBER = "#e0a33a"
RED = "#c8553d"
GREY = "#9aa5b1"

_SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 148 32'>"
    f"<rect x='1' y='12' width='5' height='12' rx='2' fill='{SKY}'/>"
    f"<rect x='9' y='5' width='5' height='19' rx='2' fill='{BLUE}'/>"
    f"<rect x='17' y='9' width='5' height='15' rx='2' fill='{GREEN}'/>"
    f"<text x='31' y='23' font-family='Helvetica,Arial,sans-serif' font-size='21' font-weight='600' fill='{INK}'>Hotline</text>"
    "</svg>"
)
LOGO = "data:image/svg+xml," + quote(_SVG)

TOKENS = {
    "brandAppName": "Hotline",
    "brandLogoAlt": "Hotline",
    "brandLogoUrl": LOGO,
    "brandLogoMargin": "14px 0",
    "brandLogoHref": "/",
    "brandLogoHeight": "28px",
    "brandIconMaxWidth": 160,
    "colorPrimary": BLUE,
    "colorLink": BLUE,
    "colorError": RED,
    "colorWarning": AMBER,
    "colorSuccess": GREEN,
    "colorInfo": SKY,
    "fontUrls": [],
    "fontFamily": "Inter, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', Helvetica, Arial, sans-serif",
    "fontFamilyCode": "'IBM Plex Mono', 'Courier New', monospace",
}

CATEGORICAL = {
    "id": "hotline",
    "label": "Hotline",
    "description": "",
    "isDefault": True,
    "colors": [BLUE, GREEN, AMBER, RED, SKY, "#6b5b95", "#88b04b", GREY, "#b5838d", "#457b9d"],
}

SEQUENTIAL = {
    "id": "hotline_service_level",
    "label": "Hotline service level",
    "description": "Red below target, pale at the edge, green above.",
    "isDiverging": True,
    "isDefault": False,
    "colors": ["#b5402b", "#d9765c", "#efb79a", "#f6e7c8", "#cfe5c8", "#86c39f", "#3f9b73"],
}
