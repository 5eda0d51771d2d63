"""Documents from given values: each type in two or three layouts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.materials.reading.generator.sheet import Sheet, width
from tests.materials.reading.generator.values import Values, capital_words, long_date, padded_date

_NUMBERS = "一二三四五六七八九十"


def _spoken(number: int) -> str:
    """A number below a hundred in words."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("" if tens == 1 else _NUMBERS[tens - 1]) + "十"
    return head + (_NUMBERS[ones - 1] if ones else "")


def _clauses(v: Values, sheet: Sheet, lines: list[str], size: float) -> None:
    style = v.one("第{}条 ", "{}、", "第{}条、")
    for place, line in enumerate(line for line in lines if line):
        sheet.paragraph(style.format(_NUMBERS[place % 10]) + line, size, leading=v.one(1.6, 1.8))


def lease(v: Values, t: dict[str, Any]) -> Sheet:
    """CL022."""
    dated, size = v.one(long_date, padded_date), v.one(11, 12)
    sheet = Sheet(y=v.one(64, 90))
    sheet.title(v.one("房屋租赁合同", "商铺租赁合同"), v.one(21, 23), spread=2)
    if v.one(True, False):
        sheet.field(v.one("出租人(甲方):", "出租方(甲方):"), t["lessor"], size, left=66)
        sheet.field(v.one("承租人(乙方):", "承租方(乙方):"), t["lessee"], size, left=66)
        lines = [
            f"甲方将位于{t['premises']}的房屋出租给乙方,建筑面积{t['area']:.2f}平方米,用于经营。",
            f"租赁期限自{dated(t['starts'])}至{dated(t['ends'])}。",
            f"月租金为{t['rent']}元,每季度首月五日前付清。",
            "乙方不得擅自改变房屋结构和用途,不得转租。",
            "本合同自双方签字盖章之日起生效,一式两份。",
        ]
        _clauses(v, sheet, lines, size)
    else:
        rows = [
            ["出租人", t["lessor"]],
            ["承租人", t["lessee"]],
            ["房屋坐落", t["premises"]],
            ["建筑面积", f"{t['area']:.2f}平方米"],
            ["租赁期限", f"{dated(t['starts'])}至{dated(t['ends'])}"],
            ["月租金", f"{t['rent']}元"],
        ]
        sheet.table(rows, [120, 350], left=60, size=size, high=30)
    sheet.y += 30
    sheet.seal(430, sheet.y + 20, t["lessee"], 46)
    return sheet


def plan(v: Values, t: dict[str, Any]) -> Sheet:
    """CL025."""
    sheet = Sheet(y=v.one(50, 70))
    sheet.title(v.one("经营场所布局平面图", "经营场所平面布局图及方位图"), v.one(20, 24))
    size = v.one(11, 12)
    sheet.field("单位名称:", t["firm"], size, left=60)
    sheet.field(v.one("地址:", "经营场所:", "场所地址:"), t["plan_premises"], size, left=60)
    sheet.field(v.one("面积:", "使用面积:"), f"{t['area']:.2f}平方米", size, left=60)
    top = sheet.y + 10
    sheet.box(80, top, 515, top + 300, 2)
    for place, room in enumerate(t["rooms"]):
        x, y = 80 + place % 2 * 217, top + place // 2 * 100
        sheet.box(x, y, x + 217, y + 100, 1.2)
        sheet.text(x + 80, y + 44, room, v.one(11, 12, 13))
    sheet.text(84, top + 310, "图例:━ 墙体  ┄ 隔断  比例 1:100  方位:上北下南", 10)
    return sheet


def contract(v: Values, t: dict[str, Any]) -> Sheet:
    """CL054: parties with labels, clauses, signatures. What the truth has as None is left out."""
    dated, size = v.one(long_date, padded_date), v.one(10.5, 11.5)
    one, other = v.one(("甲方", "乙方"), ("企业方", "职工方"))
    named = {"甲方": ("甲方(用人单位)", "乙方(职工方)"), "企业方": ("用人单位(甲方)", "职工方(乙方)")}[one]
    sheet = Sheet(y=v.one(54, 72))
    sheet.title(v.one("集体合同", "工资专项集体合同"), v.one(22, 25))
    for label, value in zip(named, (t["employer"], t["union"]), strict=True):
        if value:
            sheet.field(f"{label}:", value, size, left=64, leading=1.9)
    for side, chief, heads in ((one, t["chief"], t["delegates"]), (other, t["union_chief"], t["union_delegates"])):
        if v.one(True, False):
            sheet.field(f"{side}首席代表:", chief, size, left=64, leading=1.9)
            sheet.paragraph(f"{side}协商代表共{len(heads)}名,由{side}依法产生。", size, left=64)
        else:
            sheet.field(f"{side}首席代表:", chief, size, left=64, leading=1.9)
            sheet.field(f"{side}协商代表:", "、".join(heads), size, left=64, leading=1.9)
    rise, hours = t["wage_rise"], t["hours"]
    lines = [
        v.one("", "甲、乙双方本着平等协商的原则,依法订立本合同。"),
        v.one("本合同期限自{0}起至{1}止。", "合同期限为{0}至{1}。").format(dated(t["begins"]), dated(t["ends"])),
        f"企业最低工资标准为每月{t['lowest_wage']}元,工资至少每月支付一次。",
        f"本年度职工工资增长比例为{rise}%。" if rise is not None else "",
        v.one("职工每周工作时间不超过{}小时,", "实行每周工作{}小时的工时制度,").format(v.one(hours, _spoken(hours)))
        + "依法安排带薪年休假。",
        "用人单位对女职工和未成年工实行特殊保护。" if t["protection"] else "用人单位提供符合标准的劳动条件。",
        "用人单位依法参加社会保险,缴纳住房公积金。",
        v.one(
            "因履行本合同发生的争议,双方协商解决;协商不成的,依法申请仲裁或者提起诉讼。",
            "发生争议的,由双方协商或者提请人力资源社会保障部门协调处理。",
        )
        if t["disputes"]
        else "",
        "本合同一式四份,双方各执一份。",
    ]
    _clauses(v, sheet, lines, size)
    sheet.y += 16
    for side, name in ((one, t["signature"]), (other, t["union_signature"])):
        label = f"{side}首席代表(签字):"
        sheet.text(70, sheet.y, label, size)
        if name:
            sheet.text(70 + width(label, size) + 14, sheet.y - 3, name, size + 3, font=v.one("hand", "print"))
        sheet.y += 34
    sheet.field(v.one("签订日期:", "签约日期:"), dated(t["signed_on"]), size, left=70)
    return sheet


def congress(v: Values, t: dict[str, Any]) -> Sheet:
    """CL055."""
    dated, size = v.one(long_date, padded_date), v.one(11.5, 12.5)
    sheet = Sheet(y=v.one(70, 100))
    sheet.title(v.one("职工代表大会决议", f"{t['employer']}职工代表大会决议"), 21, spread=2)
    sheet.paragraph(f"{t['employer']}职工代表大会于{dated(t['congress_on'])}召开。", size)
    people = v.one("应到职工代表{0}名,实到职工代表{1}名。", "应到代表{0}人,实到代表{1}人,符合法定人数。")
    sheet.paragraph(people.format(t["members"], t["present"]), size)
    votes = v.one("会议审议了集体合同草案,经无记名投票,同意{}票,其余弃权。", "经表决,赞成{}票,通过集体合同草案。")
    sheet.paragraph(votes.format(t["in_favour"]), size)
    sheet.paragraph("会议授权职工方首席代表签订集体合同。", size)
    sheet.y += 30
    sheet.text(360, sheet.y, f"{t['employer']}工会", size)
    return sheet


def report(v: Values, t: dict[str, Any]) -> Sheet:
    """CL044."""
    dated, size = v.one(long_date, padded_date, lambda day: f"{day:%Y-%m-%d}"), v.one(11, 12)
    sheet = Sheet(y=60)
    sheet.title(v.one("公共场所卫生检测报告", "公共场所检测报告"), 23)
    rows = [
        [v.one("受检单位", "委托单位"), t["firm"]],
        [v.one("受检地址", "采样地点", "检测地点"), t["report_address"]],
        ["样品编号", v.digits(10)],
        [v.one("检测日期", "采样日期"), dated(t["tested_on"])],
        ["检测项目", "空气温度、相对湿度、二氧化碳、甲醛、细菌总数"],
    ]
    sheet.table(rows, [120, 350], left=60, size=size, high=30)
    sheet.y += 14
    sheet.paragraph("检测依据:GB 37488 公共场所卫生指标及限值要求。检测结论:所检项目符合要求。", size)
    sheet.seal(430, sheet.y + 50, "检验检测专用", 50)
    return sheet


def sale(v: Values, t: dict[str, Any]) -> Sheet:
    """CL026."""
    size = v.one(11, 12)
    sheet = Sheet(y=64)
    sheet.title(v.one("上海市房地产买卖合同", "存量房买卖合同"), 22)
    sheet.field(v.one("卖售人(甲方):", "出卖人(甲方):"), t["seller"], size, left=64)
    sheet.field("买受人(乙方):", t["buyer"], size, left=64)
    lines = [
        f"甲方将坐落于{t['location']}的房屋转让给乙方,建筑面积{t['area']:.2f}平方米。",
        f"该房屋不动产单元号:{t['contract_unit']}。",
        f"转让价款共计人民币{t['price']}元(大写:{capital_words(Decimal(t['price']))})。",
        "双方应当在本合同签订后三十日内共同申请办理过户手续。",
    ]
    _clauses(v, sheet, lines, size)
    return sheet


def resolution(v: Values, t: dict[str, Any]) -> Sheet:
    """CL017."""
    size = v.one(11.5, 12.5)
    sheet = Sheet(y=80)
    sheet.title(v.one("股东会决议", f"{t['firm']}股东会决议"), 22)
    sheet.paragraph(f"会议时间:{long_date(t['resolved_on'])}", size)
    sheet.paragraph("会议地点:公司会议室。全体股东参加,一致通过如下决议:", size)
    subject = t["subject"]
    new = {"名称": t["other_firm"], "住所": v.address(), "法定代表人": v.person()}[subject]
    sheet.paragraph(f"一、同意公司{subject}变更为{new}。", size)
    sheet.paragraph("二、同意修改公司章程相关条款。", size)
    sheet.paragraph("全体股东签字:", size)
    return sheet


def amendment(v: Values, t: dict[str, Any]) -> Sheet:
    """CL016."""
    size = v.one(11.5, 12.5)
    sheet = Sheet(y=80)
    sheet.title(f"{t['amended_firm']}章程修正案", 20, spread=1)
    text = v.one("根据股东会决议,对{}通过的公司章程作如下修正:", "经股东会决议,现对公司{}制定的章程修改如下:")
    sheet.paragraph(text.format(long_date(t["base_on"])), size)
    sheet.paragraph("原章程第二条修改为新的内容,其余条款不变。", size)
    sheet.paragraph("本修正案自股东会通过之日起生效。", size)
    return sheet


def articles(v: Values, t: dict[str, Any]) -> Sheet:
    """CL015."""
    size = v.one(11, 12)
    sheet = Sheet(y=64)
    sheet.title(f"{t['articles_firm']}章程", 21, spread=1)
    lines = [
        "为规范公司的组织和行为,依据公司法制定本章程。",
        v.one("公司名称:{}。", "公司名称为{}。").format(t["articles_firm"]),
        f"公司注册资本:人民币{t['capital'] / 10000:.0f}万元。",
        "公司设股东会,由全体股东组成,依法行使职权。",
        "公司的法定代表人由执行董事担任。",
    ]
    _clauses(v, sheet, lines, size)
    sheet.y += 20
    sheet.paragraph(f"全体股东签字:{'、'.join(t['owners'])}", size, indent=False)
    sheet.text(380, sheet.y + 10, long_date(t["adopted_on"]), size)
    return sheet


def health(v: Values, t: dict[str, Any]) -> Sheet:
    """CL040."""
    dated = v.one(long_date, padded_date)
    sheet = Sheet(y=70)
    sheet.title(v.one("从业人员健康合格证明", "从业人员健康证明"), 23)
    for label, value in (
        ("姓名", t["worker"]),
        ("性别", v.one("男", "女")),
        ("岗位类别", "食品生产经营"),
        ("体检日期", dated(t["examined_on"])),
        ("有效期至", dated(t["healthy_until"])),
        ("结论", "合格"),
    ):
        sheet.field(f"{label}:", value, v.one(12, 13), left=90)
    return sheet


def exam(v: Values, t: dict[str, Any]) -> Sheet:
    """CL041."""
    sheet = Sheet(y=70)
    sheet.title("食品安全管理人员考核证明", 23)
    rows = [
        ["姓名", t["manager"]],
        ["工作单位", t["firm"]],
        ["考核类别", "餐饮服务食品安全管理员"],
        ["考核日期", v.one(long_date, padded_date)(t["passed_on"])],
        ["证明编号", v.digits(10)],
    ]
    sheet.table(rows, [120, 340], left=66, size=12, high=30)
    return sheet


def hub(v: Values, t: dict[str, Any]) -> Sheet:
    """CL024."""
    sheet = Sheet(y=80)
    sheet.title(v.one("集中登记地证明", "企业集中登记地使用证明"), 22)
    sheet.paragraph(f"兹证明{t['firm']}入驻本集中登记地,登记地址为{t['location']}。", 12)
    sheet.field("出具日期:", v.one(long_date, padded_date)(t["certified_on"]), 12, left=70)
    return sheet


def letter(v: Values, t: dict[str, Any]) -> Sheet:
    """CL020."""
    size = v.one(11, 12)
    sheet = Sheet(y=70)
    sheet.title("告知承诺书", 24)
    sheet.field("申请人:", t["firm"], size, left=66)
    sheet.paragraph("一、行政审批机关告知事项:审批依据、准予条件、承诺的期限和效力、监督和法律责任。", size)
    sheet.paragraph("二、申请人承诺:已知晓全部告知内容,能够满足条件,所作承诺是真实意思的表示。", size)
    sheet.y += 30
    label = v.one("承诺人(签字):", "申请人(签字):")
    sheet.text(80, sheet.y, label, size)
    if t["letter_signature"]:
        sheet.text(
            80 + width(label, size) + 12, sheet.y - 3, t["letter_signature"], size + 3, font=v.one("hand", "print")
        )
    return sheet


def invoice(v: Values, t: dict[str, Any]) -> Sheet:
    """CL056."""
    sheet = Sheet(595, 440, y=40)
    sheet.title("电子发票(普通发票)", 20)
    sheet.text(380, 84, f"发票号码:{v.digits(20)}", 10)
    sheet.text(380, 102, f"开票日期:{padded_date(t['bought_on'])}", 10)
    sheet.text(40, 132, f"购买方名称:{t['invoice_buyer']}", 10)
    sheet.text(310, 132, f"销售方名称:{t['shop']}", 10)
    sheet.text(310, 152, f"统一社会信用代码/纳税人识别号:{t['shop_code']}", 9)
    sheet.y = 184
    sheet.table(
        [["项目名称", "规格型号", "数量", "金额"], ["*电动自行车*", "TDT12Z", "1", f"{t['paid']:.2f}"]],
        [180, 120, 60, 120],
        left=40,
        size=10,
    )
    sheet.text(44, sheet.y + 20, "价税合计(大写)", 10)
    sheet.text(150, sheet.y + 20, capital_words(t["paid"]), 10)
    sheet.text(390, sheet.y + 20, f"(小写)¥{t['paid']:.2f}", 10)
    sheet.text(44, sheet.y + 60, f"备注:整车编码 {t['invoice_vehicle']}", 10)
    sheet.text(60, sheet.y + 90, f"开票人:{v.person()}", 10)
    return sheet


def certificate(v: Values, t: dict[str, Any]) -> Sheet:
    """CL057."""
    sheet = Sheet(y=60)
    sheet.title(v.one("电动自行车产品合格证", "产品合格证"), 24)
    rows = [
        ["合格证编号", v.digits(15)],
        ["生产企业名称", t["maker"]],
        ["产品商标", t["brand"]],
        ["产品型号", t["model"]],
        ["整车编码", t["vehicle"]],
        ["电动机编码", t["motor"]],
        ["制造日期", long_date(t["made_on"])],
    ]
    sheet.table(rows, [150, 320], left=62, size=12, high=30)
    sheet.paragraph("本产品经检验符合GB 17761的要求,准予出厂。", 12)
    return sheet


MAKERS = {
    "CL015": articles,
    "CL016": amendment,
    "CL017": resolution,
    "CL020": letter,
    "CL022": lease,
    "CL024": hub,
    "CL025": plan,
    "CL026": sale,
    "CL040": health,
    "CL041": exam,
    "CL044": report,
    "CL054": contract,
    "CL055": congress,
    "CL056": invoice,
    "CL057": certificate,
}
