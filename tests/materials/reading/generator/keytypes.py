"""The six types whose fields are read: several layouts each, with the values that stand on the page.

A label's values are in the form the reader must give: dates as YYYY-MM-DD, amounts as yuan with two decimals, text
without spaces.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.materials.reading.generator.sheet import BLACK, Sheet, width
from tests.materials.reading.generator.values import Values, capital_words, long_date, padded_date

_BLUE = (30, 70, 140)
_BROWN = (120, 70, 40)


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}"


def licence(v: Values) -> tuple[Sheet, dict[str, str]]:
    """CL001 营业执照: landscape with two columns, upright, and the plain list some districts print."""
    name, code, scope = v.firm()
    person, founded = v.person(), v.day(2003, 2025)
    capital = v.money(1, 500) * 100_000
    address = v.address()
    kind = v.one(
        "有限责任公司(自然人投资或控股)",
        "有限责任公司(自然人独资)",
        "其他有限责任公司",
        "股份有限公司(非上市、自然人投资或控股)",
    )
    amount = v.one(
        f"人民币{capital_words(capital)}",
        f"人民币{capital / 10000:.4f}万元整".replace(".0000", ".0000"),
        f"{capital / 10000:.0f}万元人民币",
    )
    end = v.one("长期", None, "不约定期限")
    until = founded.replace(year=founded.year + 20, day=min(founded.day, 28)) - timedelta(days=1)
    term = (
        f"{padded_date(founded)} 至 {padded_date(until)}"
        if end is None
        else v.one(end, f"{padded_date(founded)}至{end}")
    )
    office = f"上海市{v.district()[0]}市场监督管理局"
    values = {
        "uscc": code, "name": name, "entity_type": kind, "legal_representative": person,
        "registered_capital": _yuan(capital), "established_on": founded.isoformat(), "domicile": address,
    }  # fmt: skip
    layout = v.one("wide", "tall", "list")
    dated = v.one(padded_date, long_date)
    issued = v.day(max(founded.year, 2019), 2026)
    if layout == "wide":
        sheet = Sheet(842, 595, ink=v.one(BLACK, (40, 30, 20)))
        sheet.box(24, 24, 818, 571, 2, _BROWN)
        sheet.text(60, 70, "统一社会信用代码", 11)
        sheet.text(60, 88, code, 13)
        sheet.y = 70
        sheet.title("营业执照", 44, spread=18)
        sheet.text(sheet.wide / 2 - 18, 140, v.one("(副本)", "(正本)"), 13)
        left, right = 70, 460
        sheet.y = 200
        for label, value in (("名　　称", name), ("类　　型", kind), ("法定代表人", person)):
            sheet.field(label, value, 13, left=left, at=left + 90, room=275)
        sheet.field(
            "经营范围",
            scope + "。(依法须经批准的项目,经相关部门批准后方可开展经营活动)",
            12,
            left=left,
            at=left + 90,
            room=275,
        )
        sheet.y = 200
        for label, value in (
            ("注册资本", amount),
            ("成立日期", dated(founded)),
            ("营业期限", term),
            ("住　　所", address),
        ):
            sheet.field(label, value, 13, left=right, at=right + 85, room=250)
        sheet.text(520, 470, "登记机关", 14)
        sheet.text(600, 510, "  ".join((f"{issued.year}年", f"{issued.month:02d}月", f"{issued.day:02d}日")), 13)
        sheet.seal(650, 480, office)
        sheet.text(60, 548, "国家企业信用信息公示系统网址:http://www.gsxt.gov.cn", 8)
        sheet.text(520, 548, "市场主体应当于每年1月1日至6月30日报送公示年度报告", 8)
        return sheet, values
    sheet = Sheet()
    sheet.box(26, 26, 569, 816, 2, _BROWN)
    sheet.y = 90
    sheet.title("营 业 执 照" if layout == "tall" else "营业执照", 38, spread=6)
    if layout == "tall":
        line = f"统一社会信用代码 {code}"
        sheet.text((595 - width(line, 13)) / 2, sheet.y, line, 13)
        sheet.y += 50
    else:
        sheet.field("统一社会信用代码:", code, 14, left=90)
    rows = [
        ("名　　称", name), ("类　　型", kind), ("住　　所", address), ("法定代表人", person),
        ("注册资本", amount), ("成立日期", dated(founded)), ("营业期限", term), ("经营范围", scope),
    ]  # fmt: skip
    for label, value in rows:
        sheet.field(label, value, 13.5, left=90, at=185, room=320)
    sheet.y += 20
    sheet.text(330, sheet.y, "登记机关", 14)
    sheet.text(380, sheet.y + 50, padded_date(issued), 13)
    sheet.seal(430, sheet.y + 35, office)
    return sheet, values


def identity_card(v: Values) -> tuple[Sheet, dict[str, str]]:
    """CL006 居民身份证: both sides copied on one page, or one below the other, small or large."""
    number, born, sex = v.citizen()
    name, nation, address = v.person(), v.one("汉", "汉", "汉", "回", "满", "壮", "土家"), v.address()
    issued = v.day(2012, 2024)
    until = v.one(
        issued.replace(year=issued.year + 10, day=min(issued.day, 28)),
        issued.replace(year=issued.year + 20, day=min(issued.day, 28)),
        None,
    )
    office = f"上海市公安局{v.district()[0].removesuffix('区').removesuffix('新')}分局"
    values = {
        "name": name, "sex": sex, "ethnicity": nation, "born_on": born.isoformat(), "address": address,
        "id_number": number, "issuing_authority": office, "valid_from": issued.isoformat(),
        "valid_to": until.isoformat() if until else "long",
    }  # fmt: skip
    sheet = Sheet()
    big = v.one(1.25, 1.45, 1.6)
    left = (595 - 243 * big) / 2 if big < 1.5 else 100
    top = v.one(70, 110)
    if v.one(True, False):
        sheet.text(left, 36, v.one("身份证复印件 仅供办理登记使用", "与原件核对一致"), 11)
    _front(sheet, (left, top, big), values)
    _back(sheet, left, top + 153 * big + v.one(30, 55), big, office, issued, until)
    return sheet, values


def _front(sheet: Sheet, where: tuple[float, float, float], values: dict[str, str]) -> None:
    left, top, big = where
    year, month, day = (int(part) for part in values["born_on"].split("-"))
    sheet.box(left, top, left + 243 * big, top + 153 * big, 1, (120, 130, 150))

    def put(x, y, label, value, gap):
        sheet.text(left + x * big, top + y * big, label, 8 * big, color=_BLUE)
        sheet.text(left + (x + gap) * big, top + (y - 1) * big, value, 9.5 * big)

    put(16, 16, "姓名", values["name"], 24)
    put(16, 36, "性别", values["sex"], 24)
    put(72, 36, "民族", values["ethnicity"], 24)
    put(16, 55, "出生", f"{year} 年 {month} 月 {day} 日", 24)
    sheet.text(left + 16 * big, top + 75 * big, "住址", 8 * big, color=_BLUE)
    for number_, line in enumerate(sheet.wrap(values["address"], 9 * big, 112 * big)):
        sheet.text(left + 40 * big, top + (74 + number_ * 13) * big, line, 9 * big)
    put(16, 126, "公民身份号码", values["id_number"], 62)
    sheet.box(left + 172 * big, top + 20 * big, left + 230 * big, top + 96 * big, 0.6, (170, 170, 180))


def _back(sheet, left, top, big, office, issued, until) -> None:
    sheet.box(left, top, left + 243 * big, top + 153 * big, 1, (120, 130, 150))
    sheet.text(left + 80 * big, top + 22 * big, "中华人民共和国", 14 * big, spread=3)
    sheet.text(left + 84 * big, top + 52 * big, "居民身份证", 17 * big, spread=5)
    term = f"{issued:%Y.%m.%d}-" + (f"{until:%Y.%m.%d}" if until else "长期")
    for y, label, value in ((104, "签发机关", office), (124, "有效期限", term)):
        sheet.text(left + 48 * big, top + y * big, label, 8 * big)
        sheet.text(left + 90 * big, top + (y - 1) * big, value, 9 * big)


_NUMBERS = "一二三四五六七八九十"


def articles(v: Values) -> tuple[Sheet, dict[str, str]]:
    """CL015 公司章程: first page with the articles that name the company."""
    name, _, scope = v.firm()
    address, capital, agreed = v.address(), v.money(1, 300) * 100_000, v.day(2008, 2026)
    owners = [v.person() for _ in range(v.one(1, 2, 2))]
    person = owners[0]
    million = f"{capital / 10000:.0f}万元"
    values = {"name": name, "domicile": address, "registered_capital": _yuan(capital), "legal_representative": person}
    sheet = Sheet(y=v.one(56, 80))
    if v.one(True, False):
        sheet.title(name, 20, spread=1)
        sheet.title("章　程", 26, spread=6)
    else:
        sheet.title(f"{name}章程", 22, spread=1)
    size = v.one(11.5, 12.5)
    say = v.one(
        (
            "公司名称:{name}。",
            "公司住所:{address}。",
            "公司注册资本:人民币{capital}。",
            "公司的法定代表人由执行董事担任,由{person}出任。",
        ),
        (
            "公司名称为{name}(以下简称“公司”)。",
            "公司住所为{address}。",
            "公司注册资本为人民币{capital}。",
            "公司法定代表人:{person}。",
        ),
        (
            "公司的名称:{name}",
            "公司的住所:{address}",
            "公司注册资本为{capital}人民币,由全体股东认缴。",
            "公司的法定代表人为{person},由股东会选举产生。",
        ),
    )
    held = {"name": name, "address": address, "capital": million, "person": person}
    parts = [
        (
            "第一章　总则",
            [
                "依据《中华人民共和国公司法》及有关法律、法规的规定,由全体股东共同出资设立公司,特制定本章程。",
                say[0],
                say[1],
            ],
        ),
        ("第二章　经营范围", [f"公司经营范围:{scope}。"]),
        ("第三章　注册资本", [say[2]]),
        ("第四章　股东", ["股东的姓名或者名称、认缴出资额如下:"]),
        ("第五章　法定代表人", [say[3]]),
    ]
    number = 0
    for head, lines in parts:
        sheet.text((595 - width(head, size + 2)) / 2, sheet.y + 4, head, size + 2)
        sheet.y += size * 2.2
        for line in lines:
            sheet.paragraph(f"第{_NUMBERS[number]}条　" + line.format(**held), size)
            number += 1
        if head.endswith("股东"):
            share = capital / len(owners)
            sheet.table(
                [
                    ["股东姓名", "认缴出资额", "出资方式"],
                    *[[each, f"{share / 10000:.2f}万元", "货币"] for each in owners],
                ],
                [150, 160, 120],
                left=80,
                size=11,
                high=22,
            )
            sheet.y += 10
    sheet.y += 12
    sheet.text(90, sheet.y, "全体股东签字(盖章):", size)
    for place, each in enumerate(owners):
        sheet.text(220 + place * 90, sheet.y - 4, each, 18, font="hand")
    sheet.text(380, sheet.y + 34, long_date(agreed), size)
    if v.one(True, False):
        sheet.seal(430, sheet.y + 20, name, 50)
    return sheet, values


def lease(v: Values) -> tuple[Sheet, dict[str, str]]:
    """CL022 房屋租赁合同: numbered clauses, or a form with blanks filled in."""
    lessor = v.one(v.firm()[0], v.person())
    lessee = v.firm()[0]
    premises = v.address()
    start = v.day(2022, 2026).replace(day=1)
    years = v.one(1, 2, 3, 5)
    end = start.replace(year=start.year + years) - timedelta(days=1)
    area = Decimal(v.random.randrange(2500, 60000)) / 100
    rent = v.money(30, 900) * 100
    values = {
        "lessor": lessor, "lessee": lessee, "premises": premises, "area": f"{area:.2f}",
        "starts_on": start.isoformat(), "ends_on": end.isoformat(), "rent": _yuan(rent),
    }  # fmt: skip
    size = v.one(11.5, 12.5)
    sheet = Sheet(y=v.one(54, 76))
    sheet.title(v.one("房屋租赁合同", "上海市房屋租赁合同", "商铺租赁合同"), 24, spread=3)
    dated = v.one(long_date, padded_date)
    if v.one(True, False):
        sheet.field(v.one("出租方(甲方):", "甲方(出租方):"), lessor, size, left=70)
        sheet.field(v.one("承租方(乙方):", "乙方(承租方):"), lessee, size, left=70)
        sheet.paragraph(
            "根据《中华人民共和国民法典》等法律法规的规定,甲、乙双方在平等、自愿的基础上,就房屋租赁事宜达成如下协议:",
            size,
        )
        for line in (
            f"一、甲方将坐落于{premises}的房屋出租给乙方使用,房屋建筑面积为{area:.2f}平方米。",
            "二、乙方承诺将该房屋作为经营场所使用,未经甲方书面同意不得改变用途。",
            f"三、租赁期限自{dated(start)}起至{dated(end)}止。",
            f"四、该房屋月租金为人民币{rent:.0f}元(大写:{capital_words(rent)}),乙方应于每月10日前支付。",
            f"五、签订本合同时乙方向甲方支付保证金人民币{rent * 2:.0f}元。",
            "六、租赁期间水、电、燃气、物业管理等费用由乙方承担。",
            "七、因不可抗力致使本合同不能履行的,双方互不承担责任。",
        ):
            sheet.paragraph(line, size)
    else:
        sheet.field("合同编号:", f"ZL{v.digits(8)}", size, left=350)
        rows = [
            ["出租人", lessor], ["承租人", lessee], ["房屋坐落", premises], ["建筑面积", f"{area:.2f} 平方米"],
            ["租赁用途", "商业"], ["租赁期限", f"{dated(start)}至{dated(end)}"], ["月租金", f"{rent:.2f} 元"], ["付款方式", "付三押一"],
        ]  # fmt: skip
        sheet.table(rows, [110, 360], left=60, size=size, high=32)
        sheet.y += 16
        sheet.paragraph(
            "出租人与承租人就上述房屋的租赁达成一致,租赁双方应当自合同签订之日起三十日内办理租赁合同备案。", size
        )
        sheet.paragraph("本合同一式三份,双方各执一份,备案机关留存一份,自双方签字或盖章之日起生效。", size)
    sheet.y += 26
    sheet.text(80, sheet.y, "甲方(签章):", size)
    sheet.text(330, sheet.y, "乙方(签章):", size)
    if len(lessor) <= 4:
        sheet.text(160, sheet.y - 4, lessor, 18, font="hand")
    else:
        sheet.seal(170, sheet.y + 18, lessor, 48)
    sheet.seal(430, sheet.y + 18, lessee, 48)
    sheet.y += 40
    sheet.text(100, sheet.y, long_date(start - timedelta(days=v.random.randrange(3, 40))), size)
    return sheet, values


def invoice(v: Values) -> tuple[Sheet, dict[str, str]]:
    """CL056 购车发票: the electronic invoice with a table, or the vehicle sales invoice with boxes."""
    seller, seller_code, _ = v.firm()
    buyer = v.person()
    number = v.digits(20)
    day = v.day(2024, 2026)
    total = v.money(1800, 6000, cents=True)
    net = (total / Decimal("1.13")).quantize(Decimal("0.01"))
    tax = total - net
    brand, model = v.one("雅迪", "爱玛", "台铃", "新日", "小牛"), f"TD{v.digits(4)}Z"
    buyer_code = v.citizen()[0]
    values = {
        "invoice_no": number, "issued_on": day.isoformat(), "buyer": buyer, "seller": seller,
        "seller_code": seller_code, "total": _yuan(total),
    }  # fmt: skip
    tall = v.one(True, False)
    sheet = Sheet(595, 842 if tall else 420)
    sheet.y = 34
    sheet.title(v.one("电子发票(普通发票)", "上海电子普通发票", "电子发票(普通发票)"), 20, spread=2, color=_BROWN)
    sheet.text(390, 60 if not tall else 86, f"发票号码:{number}", 10)
    sheet.text(390, 78 if not tall else 104, f"开票日期:{padded_date(day)}", 10)
    top = 108 if not tall else 140
    sheet.box(30, top, 565, top + 56, 0.8, _BROWN)
    sheet.line(298, top, 298, top + 56, 0.8, _BROWN)
    if v.one(True, False):
        sheet.text(36, top + 10, f"购买方名称:{buyer}", 10)
        sheet.text(36, top + 32, f"证件号码:{buyer_code}", 10)
        sheet.text(304, top + 10, f"销售方名称:{seller}", 10)
        sheet.text(304, top + 32, f"统一社会信用代码/纳税人识别号:{seller_code}", 9)
    else:
        for x, who, party, code in ((34, "购", buyer, buyer_code), (302, "销", seller, seller_code)):
            for place, letter in enumerate((who, "买" if who == "购" else "售", "方")):
                sheet.text(x, top + 4 + place * 16, letter, 10)
            sheet.text(x + 16, top + 10, f"名称:{party}", 10)
            sheet.text(x + 16, top + 32, f"统一社会信用代码/纳税人识别号:{code if who == '销' else ''}", 9)
    sheet.y = top + 56
    rows = [
        ["项目名称", "规格型号", "单位", "数量", "单价", "金额", "税率", "税额"],
        [f"*电动自行车*{brand}电动自行车", model, "辆", "1", f"{net:.2f}", f"{net:.2f}", "13%", f"{tax:.2f}"],
    ]
    sheet.table(rows, [130, 70, 35, 35, 75, 75, 45, 70], left=30, size=9.5, high=24)
    sheet.y += 26
    sheet.text(60, sheet.y, "合　计", 10)
    sheet.text(392, sheet.y, f"¥{net:.2f}", 10)
    sheet.text(500, sheet.y, f"¥{tax:.2f}", 10)
    sheet.y += 22
    sheet.box(30, sheet.y, 565, sheet.y + 28, 0.8, _BROWN)
    sheet.text(40, sheet.y + 8, "价税合计(大写)", 10)
    sheet.text(150, sheet.y + 8, capital_words(total), 10)
    sheet.text(390, sheet.y + 8, f"(小写)¥{total:.2f}", 10)
    sheet.y += 34
    sheet.text(40, sheet.y + 6, f"备注:整车编码 {v.digits(15)}", 9.5)
    sheet.text(60, sheet.y + 44, f"开票人:{v.person()}", 10)
    if v.one(True, False):
        sheet.seal(470, sheet.y + 20, seller, 44, "发票专用章")
    return sheet, values


def product_certificate(v: Values) -> tuple[Sheet, dict[str, str]]:
    """CL057 电动自行车产品合格证: a table, or two columns of labels."""
    maker = (
        v.one("无锡", "天津", "台州", "上海")
        + "".join(v.random.sample("远大捷安新速达通顺飞", 2))
        + v.one("车业有限公司", "电动车有限公司", "科技股份有限公司")
    )
    brand, model = v.one("远捷", "飞安", "速达", "新顺"), f"{v.one('TDT', 'TDR', 'TDL')}{v.digits(4)}Z"
    vehicle, motor, number = v.digits(15), f"{v.one('BL', 'XW', 'JY')}{v.digits(10)}", v.digits(15)
    made = v.day(2023, 2026)
    values = {
        "certificate_no": number, "manufacturer": maker, "brand": brand, "model": model,
        "vehicle_code": vehicle, "motor_no": motor, "made_on": made.isoformat(),
    }  # fmt: skip
    sheet = Sheet()
    sheet.y = v.one(50, 80)
    sheet.title(v.one("电动自行车产品合格证", "产品合格证", "电动自行车整车出厂合格证"), 25, spread=3)
    weight = Decimal(v.random.randrange(400, 550)) / 10
    dated = v.one(long_date, padded_date, lambda day: f"{day:%Y-%m-%d}")
    speed = v.one("25km/h", "25 km/h")
    if v.one(True, False):
        rows = [
            ["合格证编号", number], ["生产企业名称", maker], ["产品商标", brand], ["产品型号", model], ["整车编码", vehicle],
            ["电动机编码", motor], ["最高设计车速", speed], ["整车质量", f"{weight}kg"], ["蓄电池标称电压", "48V"], ["制造日期", dated(made)],
        ]  # fmt: skip
        sheet.table(rows, [150, 320], left=62, size=12.5, high=32)
        sheet.y += 18
    else:
        sheet.text(300, sheet.y, f"合格证编号:{number}", 12)
        sheet.y += 40
        pairs = [
            (("车辆品牌", brand), ("车辆型号", model)),
            (("整车编码", vehicle), ("电机号", motor)),
            (("最高车速", speed), ("整车质量", f"{weight}kg")),
            (("生产日期", dated(made)), ("电池类型", "锂离子电池")),
        ]
        for one, other in pairs:
            sheet.text(60, sheet.y, f"{one[0]}:{one[1]}", 12)
            sheet.text(325, sheet.y, f"{other[0]}:{other[1]}", 12)
            sheet.y += 34
        sheet.field("生产企业:", maker, 12, left=60)
    sheet.paragraph("本产品经检验符合GB 17761《电动自行车安全技术规范》的要求,准予出厂。", 12)
    sheet.text(340, sheet.y + 20, f"检验员:{v.digits(2)}", 12)
    sheet.seal(430, sheet.y + 34, maker, 52, "检验合格")
    return sheet, values


MAKERS = {
    "CL001": licence,
    "CL006": identity_card,
    "CL015": articles,
    "CL022": lease,
    "CL056": invoice,
    "CL057": product_certificate,
}
