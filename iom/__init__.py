"""ИОМ: individual learning routes, designed, agreed, carried out and proved (domain.md section 4)."""
