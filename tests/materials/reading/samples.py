"""Two documents about the firm of the demonstration, made with the generator's means."""

from __future__ import annotations

from functools import cache

from tests.materials.reading.generator.noise import wear
from tests.materials.reading.generator.sheet import Sheet

FIRM_NAME = "宝山青禾餐饮管理有限公司"
LESSOR = "上海宝杨物业有限公司"


@cache
def lease_pdf() -> bytes:
    """A lease to the firm until 2029-05-31, with a text layer."""
    sheet = Sheet(y=70)
    sheet.title("房屋租赁合同", 24)
    sheet.field("出租方(甲方):", LESSOR, 12, left=70)
    sheet.field("承租方(乙方):", FIRM_NAME, 12, left=70)
    for line in (
        "一、甲方将坐落于上海市宝山区友谊路1588号2幢301室的房屋出租给乙方使用,房屋建筑面积为126.50平方米。",
        "二、租赁期限自2026年06月01日起至2029年05月31日止。",
        "三、该房屋月租金为人民币18600元,乙方应于每月10日前支付。",
    ):
        sheet.paragraph(line, 12)
    return sheet.pdf()


@cache
def licence_picture() -> bytes:
    """The firm's business licence, scanned a little crooked."""
    sheet = Sheet(y=90)
    sheet.title("营业执照", 38)
    for label, value in (
        ("统一社会信用代码:", "91310113XX0000019X"),
        ("名　　称", FIRM_NAME),
        ("类　　型", "有限责任公司(自然人独资)"),
        ("法定代表人", "陈安澜"),
        ("注册资本", "人民币200万元整"),
        ("成立日期", "2019年03月12日"),
        ("住　　所", "上海市宝山区友谊路1588号2幢301室"),
    ):
        sheet.field(label, value, 14, left=90, at=0 if label.endswith(":") else 190, room=320)
    sheet.seal(430, 640, "上海市宝山区市场监督管理局")
    page, seals = sheet.picture(120)
    return wear(page, seals, "office", 120, 4)
