"""What is wrong with a definition, in Chinese. The catalogues say it in English, which is what `problem` holds."""

from __future__ import annotations

from typing import Final

_OTHERWISE: Final = "内容不符合要求"
_CHINESE: Final = {
    "not JSON": "不是 JSON 对象",
    "too deep": "嵌套过深",
    "incomplete": "缺项、多项或类型不对",
    "no code": "缺少代码",
    "another type's code": "代码不能更改,此代码不存在",
    "names what is not there": "引用了不存在的内容",
    "standing licences rely on it": "已发的证照依赖此项,不得更改",
    "standing licences show it so": "已发的证照按原样显示此字段,不得更改其名称、类型与 since",
    "a type code goes": "原有证照类型代码须保留,首个不得更改",
    "a kind of holder goes": "原有持证主体类别须保留",
    "a field goes": "原有字段须保留",
    "fields in another order": "原有字段的次序须保留",
    "told more freely than was promised": "不得比承诺持证人的更宽:密级不得降低,脱敏不得取消,不得新增共享或出示",
    "a field that is added says since which version": "新增字段须写明 since,其值为本定义的版本号",
    "licence and material do not name each other": "材料类型与证照类型须相互对应",
    "the licence is freer than its material": "证照类型的共享类别与密级不得宽于其材料类型",
    "no such material": "没有此材料类型",
    "no such shared field": "证照没有此字段,或该字段不共享",
    "no such field of the licence": "证照没有此字段",
    "no such template": "没有此模板,或模板不用于该材料类型",
    "two types for one material": "两种证照类型对应同一材料类型",
    "a code is there twice": "代码重复",
    "version": "版本号须如 2026.1,字段的 since 不得晚于本版本",
    "version or retention": "版本号须如 2026.1;保存年限须为正整数或 null",
    "code, class or level": "代码、共享类别或密级有误",
    "names or media types": "名称或文件类型为空",
    "a field every licence has anyway": "此字段为各证照共有,不必另列",
    "codes": "代码有误",
    "spelling of a type code": "证照类型代码为 21 位:前 18 位为定义机构代码,后 3 位为数字",
    "defining organisation or class": "定义机构或共享类别有误",
    "fields or level": "字段重复、引用了不存在的字段,或密级有误",
    "joint consent of one holder": "单一持证主体不能要求共同同意",
    "holder kinds": "持证主体类别有误",
    "name, kind, mask, level, titles or since": "字段的名称、类型、脱敏、密级、标题或 since 有误",
    "years": "年限有误",
    "length missing": "缺少期限长度",
    "code, scenarios, demands or generic list": "代码、情形、材料清单有误",
    "limits": "时限有误",
    "unknown question": "没有此问题",
    "unknown answer": "没有此答案",
    "unknown role": "没有此角色",
    "code of a role": "角色编码须以小写字母开头,只含小写字母和下划线,且不得为 applicant、legal_rep、agent",
    "nothing to read": "名称、文字和版本号不得为空,中文、英文都要有",
    "names of a role": "角色须有中文和英文名称",
    "pattern of case numbers": "办件编号规则有误:须含流水号,编号为 6 至 64 位大写字母、数字及 . _ -",
    "automatic: members": "自动办理含有未知成员",
    "automatic: nobody who applied is refused by a rule": "申请人不得因自动规则被拒绝",
    "automatic: unknown field": "自动办理引用了表单没有的字段",
    "automatic: what is asked, no braces but {applicant}": "确认内容须有中文和英文,花括号中只能是 {applicant}",
    "automatic: who confirms, and the rule that they did": "须本人确认的人与“本人已确认”规则须一一对应",
    "automatic: wait_days": "等待期限须为 1 至 60 个工作日",
    "automatic: result": "办结后变更的证照有误",
    "automatic: result names what is not there": "变更证照的角色或表单字段不存在,或没有要变更的字段",
    "rules: none, or a code is there twice": "没有规则,或规则编码重复",
    "members or code": "规则缺项、多项,或编码有误",
    "words of a rule": "规则须有中文和英文说明",
    "kind": "规则种类与其内容不符",
    "min_level": "最低核验等级须为 1 至 4",
    "no scenario": "没有情形",
    "not asked": "没有问到",
    "whose": "归属有误",
    "kind or sources": "字段类型或来源有误",
    "routes are none, repeated or out of order": "材料来源方式缺失、重复或次序有误",
    "not arithmetic": "不是算式",
    "names what may not follow": "联动规则引用了不可随变的字段",
    "item or answers": "免申即享项目与事项不符",
    "amount or payee": "免申即享项目的金额或收款字段与事项不符",
    "a rule that needs an application": "免申即享项目含有须申请的规则",
}


_BEGINNINGS: Final = {
    "computed from ": "计算引用了不存在的字段:",
    "members ": "含有未知成员:",
    "nobody asks ": "问卷没有此问题:",
    "nobody reads ": "没有从该材料读取此字段:",
    "no role ": "没有此角色:",
    "passes on ": "传递的材料不符:",
    "route ": "材料来源方式与所需参数不符:",
}
_ENDS: Final = {" is not demanded": "事项未要求此材料:"}


def in_chinese(problem: str) -> str:
    """What a catalogue said, in Chinese."""
    if problem in _CHINESE:
        return _CHINESE[problem]
    for begins, zh in _BEGINNINGS.items():
        if problem.startswith(begins):
            return zh + problem.removeprefix(begins)
    for ends, zh in _ENDS.items():
        if problem.endswith(ends):
            return zh + problem.removesuffix(ends)
    return _OTHERWISE
