"""Colours and the mark: quiet blues, one green, one amber, one red that mean the same on every chart."""

from urllib.parse import quote

INK = "#1f2a37"
BLUE = "#2f6f9f"
SKY = "#8fb8d6"
GREEN = "#3f9b73"
AMBER = "#e0a33a"
RED = "#c8553d"
GREY = "#9aa5b1"
PALE_GREEN = "#cdeadb"
PALE_AMBER = "#fae6b8"
PALE_RED = "#f6c9bd"

_SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 148 32'>"
    f"<rect x='1' y='12' width='5' height='12' rx='2' fill='{SKY}'/>"
    f"<rect x='9' y='5' width='5' height='19' rx='2' fill='{BLUE}'/>"
    f"<rect x='17' y='9' width='5' height='15' rx='2' fill='{GREEN}'/>"
    f"<text x='31' y='23' font-family='Helvetica,Arial,sans-serif' font-size='21' font-weight='600' fill='{INK}'>"
    "Hotline</text>"
    "</svg>"
)

SPINNER = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 26 30' width='52' height='60'>"
    + "".join(
        f"<rect x='{x}' y='4' width='5' height='22' rx='2' fill='{colour}'><animate attributeName='opacity' "
        f"values='0.2;1;0.2' dur='1.2s' begin='{begin}s' repeatCount='indefinite'/></rect>"
        for x, colour, begin in ((1, SKY, 0), (10, BLUE, 0.2), (19, GREEN, 0.4))
    )
    + "</svg>"
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
    "brandSpinnerSvg": SPINNER,
    "colorPrimary": BLUE,
    "colorLink": BLUE,
    "colorError": RED,
    "colorWarning": AMBER,
    "colorSuccess": GREEN,
    "colorInfo": SKY,
    "fontUrls": [],
    "fontFamily": "Inter, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', Helvetica, Arial, sans-serif",
    "fontFamilyCode": "'IBM Plex Mono', 'Courier New', monospace",
    # Without the first, legends carry "All" and "Inv"; without the second, a heat map leaves a tenth of the page empty.
    "echartsOptionsOverrides": {"legend": {"selector": False}, "grid": {"right": 20}},
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
    "description": "From 40 to 100 %, a colour every ten: red, pale at 80 where most targets lie, green.",
    "isDiverging": True,
    "isDefault": False,
    "colors": ["#b5402b", "#cf6a50", "#e39a7c", "#f2c7a8", "#f7ebcd", "#9fcfae", "#3f9b73"],
}

PAGE_CSS = """\
/* A chart's title gets its whole width; the controls appear on top of it when the pointer is there. */
.dashboard-component-chart-holder { border-radius: 8px; }
.dashboard-component-chart-holder .header-controls {
  position: absolute; right: 12px; top: 12px; padding-left: 8px; background: #ffffff;
  opacity: 0; transition: opacity 0.2s;
}
.dashboard-component-chart-holder:hover .header-controls, .header-controls:focus-within { opacity: 1; }
.dashboard-component-chart-holder .header-title { font-size: 14px; max-width: 100%; }
/* "English / 中文" breaks at its spaces, not within a Chinese word. */
.dashboard-component-chart-holder :is(th, td) { word-break: keep-all; }
/* In a narrow window the page scrolls sideways; squeezed charts would overlap their own labels. */
.grid-container { min-width: 1180px; }
.hotline-simulated {
  display: inline-block; padding: 1px 10px; border-radius: 10px; background: #fae6b8; color: #6b4a06; font-weight: 600;
}
"""
