"""Faces of licences that tests make files of; firms and people are synthetic."""

from __future__ import annotations

from datetime import date

from certs.catalogue.catalogue import LicenceCatalogue
from certs.model import Sheet

TYPES = LicenceCatalogue.load().types
ISSUER = "11310118XX00000B0W"
POLICE = "11310113XX00000A2R"
SCOPE = (
    "许可项目：餐饮服务；食品销售。（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以相关部门批准文件或"
    "许可证件为准）一般项目：餐饮管理；外卖递送服务；日用百货销售；企业管理咨询；会议及展览服务。（除依法须经批准的项目外，"
    "凭营业执照依法自主开展经营活动）"
)


def business(**changes: object) -> Sheet:
    """A business licence."""
    held: dict[str, object] = {
        "type": TYPES["LT01"],
        "licence_id": "1.2.156.3005.2.11100000MB0143028R901.11310118XX00000B0W.SH2026000000001.001.X",
        "licence_no": "29000000202611210001",
        "version": 1,
        "issuer_name": "青浦区市场监督管理局",
        "issuer_code": ISSUER,
        "holders": (("上海示例餐饮管理有限公司", "001", "91310199MA1XX0001A"),),
        "face": {
            "entity_type": "有限责任公司（自然人投资或控股）",
            "legal_representative": "陈安澜",
            "registered_capital": "人民币 100.0000 万元整",
            "established_on": "2026-11-02",
            "domicile": "上海市青浦区示例路 88 弄 6 号 101 室",
            "business_scope": SCOPE,
            "registration_authority": "青浦区市场监督管理局",
        },
        "issue_date": date(2026, 11, 21),
        "valid_from": date(2026, 11, 2),
        "valid_to": None,
    }
    return Sheet(**(held | changes))


def identity(**changes: object) -> Sheet:
    """An identity card."""
    held: dict[str, object] = {
        "type": TYPES["LT05"],
        "licence_id": "1.2.156.3005.2.11100000XX00000435901.11310113XX00000A2R.SH2026000000002.001.X",
        "licence_no": "310199199001010018",
        "version": 1,
        "issuer_name": "上海市公安局（演示）",
        "issuer_code": POLICE,
        "holders": (("陈安澜", "111", "310199199001010018"),),
        "face": {
            "name": "陈安澜",
            "sex": "女",
            "ethnicity": "汉",
            "born_on": "1990-01-01",
            "address": "上海市宝山区示例路 1 弄 2 号 303 室",
            "issuing_authority": "上海市公安局（演示）",
        },
        "issue_date": date(2026, 11, 21),
        "valid_from": date(2026, 11, 21),
        "valid_to": date(2046, 11, 21),
    }
    return Sheet(**(held | changes))
