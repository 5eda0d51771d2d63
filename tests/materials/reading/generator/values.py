"""Seeded people, firms, places, dates and amounts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from stdnum.cn import ric, uscc

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹窦章苏潘葛范彭鲁韦马方任袁柳史唐薛雷贺倪汤罗郝毕安常于傅齐顾孟黄萧尹姚邵汪"
_GIVEN = "安宁澜舟远山清和若水明德思源景行致知文博雨辰梓涵子墨书瑶佳怡俊杰志强建国海燕玉兰春华秋实晓峰立新国庆永康嘉树云起望舒星河"
_BRANDS = "青禾云岫知味春申瀚海景明同德永盛华泰联众启航博雅锦程恒信天元和润聚力新源智造光华正大顺达宏图百川"
_TRADES = (
    ("餐饮管理", "餐饮服务;食品销售;餐饮企业管理;食品互联网销售(仅销售预包装食品)"),
    ("食品", "食品生产;食品销售;货物进出口;农副产品销售"),
    ("科技", "技术服务、技术开发、技术咨询;软件开发;信息系统集成服务;计算机软硬件及辅助设备零售"),
    ("贸易", "日用百货销售;服装服饰批发;五金产品批发;货物进出口;技术进出口"),
    ("物流", "道路货物运输;国内货物运输代理;普通货物仓储服务;装卸搬运"),
    ("健身服务", "健身休闲活动;体育用品及器材零售;组织体育表演活动"),
    ("酒店管理", "住宿服务;餐饮服务;酒店管理;会议及展览服务;洗染服务"),
    ("建筑工程", "各类工程建设活动;建筑劳务分包;建筑材料销售;园林绿化工程施工"),
    ("车业", "电动自行车销售;电动自行车维修;摩托车及零配件零售;非机动车销售"),
)
_DISTRICTS = (
    ("宝山区", "310113"),
    ("青浦区", "310118"),
    ("嘉定区", "310114"),
    ("闵行区", "310112"),
    ("徐汇区", "310104"),
    ("浦东新区", "310115"),
    ("松江区", "310117"),
    ("奉贤区", "310120"),
)
_ROADS = [
    "友谊",
    "牡丹江",
    "华青",
    "盈港",
    "沪宜",
    "淞滨",
    "共和新",
    "漕溪",
    "张杨",
    "人民",
    "文诚",
    "南奉",
    "七莘",
    "虹梅",
    "曹安",
    "塔城",
    "公园",
    "真大",
    "潘泾",
    "呼兰",
    "环城",
    "城中",
]
_PARKS = ["宝杨科创园", "青西产业社区", "长江软件园", "虹桥汇商务楼", "金色广场", "云间创意园", "滨江壹号"]
_BIG = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def capital_words(amount: Decimal) -> str:
    """An amount in words as on cheques, e.g. 壹仟贰佰元零伍分 -> for whole and broken amounts below 10^12."""
    whole, cents = divmod(int(amount * 100), 100)
    text = _group(whole) + "元"
    if not cents:
        return text + "整"
    jiao, fen = divmod(cents, 10)
    text += f"{_BIG[jiao]}角" if jiao else "零"
    return text + (f"{_BIG[fen]}分" if fen else "整")


def _group(number: int) -> str:
    if number == 0:
        return "零"
    parts = []
    for name in ("", "万", "亿"):
        number, four = divmod(number, 10_000)
        text = ""
        for place in range(4):
            four, digit = divmod(four, 10)
            if digit:
                text = _BIG[digit] + _UNITS[place] + text
            elif text and not text.startswith("零"):
                text = "零" + text
        if text:
            parts.insert(0, text.rstrip("零") + name)
        if not number:
            break
    return "".join(parts).lstrip("零")


class Values:
    """Draws from one seed; the same seed gives the same values."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def one(self, *of):
        """One of several."""
        return self.random.choice(of)

    def person(self) -> str:
        """A name of two or three characters."""
        given = "".join(self.random.sample(_GIVEN, self.random.choice((1, 2, 2, 2))))
        return self.random.choice(_SURNAMES) + given

    def district(self) -> tuple[str, str]:
        """Name and code of a district of Shanghai."""
        return self.random.choice(_DISTRICTS)

    def firm(self) -> tuple[str, str, str]:
        """Name, social credit code, scope of business."""
        place, code = self.district()
        trade, scope = self.random.choice(_TRADES)
        brand = "".join(self.random.sample(_BRANDS, 2))
        ending = self.random.choice(("有限公司", "有限公司", "有限公司", "股份有限公司"))
        name = self.random.choice(
            (f"上海{brand}{trade}{ending}", f"{brand}{trade}(上海){ending}", f"上海{place[:2]}{brand}{trade}{ending}")
        )
        return name, self.uscc(code), scope

    def uscc(self, division: str, kind: str = "91") -> str:
        """A social credit code in the empty range XX, both check characters right."""
        body = f"XX{self.random.randrange(10**6):06d}"
        values = [int(each, 36) for each in body]
        inner = 11 - sum(a * b for a, b in zip(values, _ORG_WEIGHTS, strict=True)) % 11
        number = f"{kind}{division}{body}{'0123456789X0'[inner]}"
        return number + uscc.calc_check_digit(number)

    def day(self, first: int, last: int) -> date:
        """A day of the years from `first` to `last`."""
        start = date(first, 1, 1)
        return start + timedelta(days=self.random.randrange((date(last, 12, 31) - start).days))

    def citizen(self) -> tuple[str, date, str]:
        """Identity number, date of birth, sex."""
        born = self.day(1958, 2004)
        serial = self.random.randrange(1, 999)
        number = f"310199{born:%Y%m%d}{serial:03d}"
        return number + ric.calc_check_digit(number + "0"), born, "男" if serial % 2 else "女"

    def address(self) -> str:
        """An address in Shanghai, with or without building, floor and room."""
        place, _ = self.district()
        street = f"上海市{place}{self.random.choice(_ROADS)}路{self.random.randrange(1, 3800)}号"
        tail = self.random.choice(
            (
                "",
                f"{self.random.randrange(1, 40)}幢{self.random.randrange(1, 30)}0{self.random.randrange(1, 9)}室",
                f"{self.random.randrange(1, 9)}楼{'ABCD'[self.random.randrange(4)]}区",
                f"{self.random.choice(_PARKS)}{self.random.randrange(1, 20)}号楼{self.random.randrange(101, 2899)}室",
            )
        )
        return street + tail

    def money(self, low: int, high: int, *, cents: bool = False) -> Decimal:
        """An amount of yuan."""
        whole = Decimal(self.random.randrange(low, high))
        return whole + Decimal(self.random.randrange(100)) / 100 if cents else whole

    def digits(self, count: int) -> str:
        """Digits, the first not zero."""
        return str(self.random.randrange(1, 10)) + "".join(str(self.random.randrange(10)) for _ in range(count - 1))

    def phone(self) -> str:
        """A number of no mobile network: the range 100."""
        return "100" + self.digits(8)


def long_date(day: date) -> str:
    """2026年3月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def padded_date(day: date) -> str:
    """2026年03月05日."""
    return f"{day.year}年{day.month:02d}月{day.day:02d}日"
